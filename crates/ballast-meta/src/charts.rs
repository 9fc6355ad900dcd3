//! Definitions of custom charts, by entity and name.

use ballast_model::EntityKey;

use crate::{Db, MetaError, Tx};

/// A named chart definition of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartDefinition {
    /// The owner.
    pub entity: EntityKey,
    /// The name that runs refer to, unique in the entity.
    pub name: String,
    /// The name shown to people.
    pub display_name: String,
    /// The language of the specification, such as `vega2`.
    pub kind: String,
    /// Who may use it, in the client's words.
    pub access: String,
    /// The specification, as sent.
    pub spec: String,
}

// ---- queries
impl Db<'_> {
    /// The definition `name` of `entity`.
    pub async fn lookup_chart_definition(
        &self,
        entity: EntityKey,
        name: &str,
    ) -> Result<Option<ChartDefinition>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// Stores a definition, replacing the one of the same entity and name.
    pub async fn put_chart_definition(&self, definition: ChartDefinition) -> Result<(), MetaError> {
        todo!()
    }
}
