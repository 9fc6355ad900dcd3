//! Chart definitions: named specifications that runs' custom charts refer to.

use ballast_meta::ChartDefinition as StoredDefinition;
use ballast_model::EntityName;

use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Longest specification, in bytes.
const MAX_SPEC_BYTES: usize = 1 << 20;

/// A named chart specification of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartDefinition {
    /// The name that runs refer to, unique in the entity.
    pub name: String,
    /// The name shown to people.
    pub display_name: String,
    /// The language of the specification, such as `vega2`.
    pub kind: String,
    /// Who may use it, as the client wrote it.
    pub access: String,
    /// The specification, as sent.
    pub spec: String,
}

impl Tracking {
    /// Stores a chart definition, replacing the one of the same name.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity does not exist or is not the caller's; [`TrackingError::Forbidden`] for
    /// a viewer; [`TrackingError::Invalid`] or [`TrackingError::TooLarge`] for what cannot be stored.
    pub async fn put_chart_definition(
        &self,
        caller: &Caller,
        entity: &EntityName,
        definition: ChartDefinition,
    ) -> Result<()> {
        let entity = caller.entity_for(entity, Access::Write)?.key;
        let ChartDefinition {
            name,
            display_name,
            kind,
            access,
            spec,
        } = definition;
        if spec.len() > MAX_SPEC_BYTES {
            let (found, limit) = (spec.len() as u64, MAX_SPEC_BYTES as u64);
            return Err(TrackingError::TooLarge {
                what: "chart specification",
                found,
                limit,
            });
        }
        let texts = [&name, &display_name, &kind, &access];
        if name.is_empty()
            || texts
                .iter()
                .any(|text| text.len() > 256 || text.chars().any(char::is_control))
        {
            return Err(TrackingError::Invalid(
                "a chart's names have 1 to 256 plain characters".to_owned(),
            ));
        }
        let definition = StoredDefinition {
            entity,
            name,
            display_name,
            kind,
            access,
            spec,
        };
        self.inner
            .meta
            .write(move |tx| Box::pin(tx.put_chart_definition(definition)))
            .await?;
        Ok(())
    }

    /// A chart definition; `None` if it does not exist or the entity is not the caller's.
    pub async fn lookup_chart_definition(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &str,
    ) -> Result<Option<ChartDefinition>> {
        let Some(entity) = caller.entity_named(entity) else {
            return Ok(None);
        };
        Access::Read.check(entity.role, &entity.name)?;
        let found = self
            .inner
            .meta
            .read()
            .lookup_chart_definition(entity.key, name)
            .await?;
        Ok(found.map(|stored| ChartDefinition {
            name: stored.name,
            display_name: stored.display_name,
            kind: stored.kind,
            access: stored.access,
            spec: stored.spec,
        }))
    }
}
