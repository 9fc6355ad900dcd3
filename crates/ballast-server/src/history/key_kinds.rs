use ballast_tracking::{KeyInfo, ValueKind};

/// The kinds of a key's values as panels tell them apart: `number`, `string`, `bool`, `json`, or the `_type` of typed
/// objects such as `image-file`.
pub(super) fn key_kinds(key: &KeyInfo) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for (kind, _) in &key.kinds {
        let name = match kind {
            ValueKind::Int | ValueKind::Float => "number",
            ValueKind::String => "string",
            ValueKind::Bool => "bool",
            ValueKind::Json if key.types.is_empty() => "json",
            ValueKind::Json => continue,
        };
        if kinds.iter().all(|known| known != name) {
            kinds.push(name.to_owned());
        }
    }
    kinds.extend(key.types.iter().cloned());
    kinds
}
