use axum::Json;
use ballast_tracking::{Caller, EntityKind, OwnEntity};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::List;
use crate::extract::CallContext;
use crate::members::RoleBody;

/// What an entity is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EntityKind)]
enum KindBody {
    /// A user.
    User,
    /// Several users.
    Team,
    /// Users and teams that share registries.
    Organization,
}

/// An entity that the caller belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entity)]
pub(crate) struct EntityBody {
    /// The name.
    #[schema(example = "vision-team")]
    name: String,
    /// What it is.
    kind: KindBody,
    /// What the caller may do in it.
    role: RoleBody,
    /// The organization that a team is part of.
    #[schema(example = "acme")]
    organization: Option<String>,
}

impl EntityBody {
    fn new(caller: &Caller, entity: &OwnEntity) -> Self {
        // Whoever is in a team of an organization is in the organization.
        let organization = entity.organization.and_then(|key| {
            let mut own = caller.entities().iter();
            own.find(|organization| organization.key == key)
        });
        Self {
            name: entity.name.to_string(),
            kind: match entity.kind {
                EntityKind::User => KindBody::User,
                EntityKind::Team => KindBody::Team,
                EntityKind::Organization => KindBody::Organization,
            },
            role: entity.role.into(),
            organization: organization.map(|organization| organization.name.to_string()),
        }
    }
}

/// Lists everything that owns projects which the caller can see: the caller first, then teams and organizations by name.
#[utoipa::path(get, path = "/entities", operation_id = "list_entities", tag = "entities",
    responses((status = 200, body = List<EntityBody>)))]
#[tracing::instrument(name = "handler.entities.list", skip_all)]
pub(crate) async fn handler(ctx: CallContext) -> Json<List<EntityBody>> {
    let entities = ctx.caller.entities().iter();
    Json(List {
        items: entities
            .map(|entity| EntityBody::new(&ctx.caller, entity))
            .collect(),
    })
}
