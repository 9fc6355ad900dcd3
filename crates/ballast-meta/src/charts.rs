//! Definitions of custom charts, by entity and name.

use ballast_model::EntityKey;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};

use crate::row::{FromRow, Row, text};
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

const COLUMNS: [&str; 6] = [
    "entity_key",
    "name",
    "display_name",
    "kind",
    "access",
    "spec",
];

impl FromRow for ChartDefinition {
    const TABLE: &'static str = "chart_definitions";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            entity: EntityKey(row.get("entity_key")?),
            name: row.get("name")?,
            display_name: row.get("display_name")?,
            kind: row.get("kind")?,
            access: row.get("access")?,
            spec: row.get("spec")?,
        })
    }
}

impl Db<'_> {
    /// The definition `name` of `entity`.
    pub async fn lookup_chart_definition(
        &self,
        entity: EntityKey,
        name: &str,
    ) -> Result<Option<ChartDefinition>, MetaError> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("chart_definitions")
            .and_where(Expr::col("entity_key").eq(entity.0))
            .and_where(Expr::col("name").eq(text(name)))
            .to_owned();
        self.one(&select).await
    }
}

impl Tx<'_> {
    /// Stores a definition, replacing the one of the same entity and name.
    pub async fn put_chart_definition(&self, definition: ChartDefinition) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("chart_definitions")
            .columns(COLUMNS)
            .values_panic([
                definition.entity.0.into(),
                text(&definition.name).into(),
                text(&definition.display_name).into(),
                text(&definition.kind).into(),
                text(&definition.access).into(),
                text(&definition.spec).into(),
            ])
            .on_conflict(
                OnConflict::columns(["entity_key", "name"])
                    .update_columns(["display_name", "kind", "access", "spec"])
                    .to_owned(),
            )
            .to_owned();
        self.execute("chart_definitions", &insert).await?;
        Ok(())
    }
}
