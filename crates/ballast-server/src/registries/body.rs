use ballast_model::Role;
use ballast_tracking::registries::{
    Card, LatestVersion, NamedVersion, ProjectTeamRecord, Registry, RegistryAccess, RegistryMember,
    RegistryMembers, Via,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::artifacts::LinkedVersionBody;
use crate::body::Time;

/// What a user may do in a registry. A greater role may do all that a lesser one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RegistryRole)]
pub(crate) enum RegistryRoleBody {
    /// Sees collections and versions, without downloading.
    RestrictedViewer,
    /// Reads and downloads.
    Viewer,
    /// Also links, unlinks, edits aliases and tags.
    Member,
    /// Also manages members and settings, and deletes.
    Admin,
}

impl From<Role> for RegistryRoleBody {
    fn from(role: Role) -> Self {
        match role {
            Role::RestrictedViewer => Self::RestrictedViewer,
            Role::Viewer => Self::Viewer,
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<RegistryRoleBody> for Role {
    fn from(role: RegistryRoleBody) -> Self {
        match role {
            RegistryRoleBody::RestrictedViewer => Self::RestrictedViewer,
            RegistryRoleBody::Viewer => Self::Viewer,
            RegistryRoleBody::Member => Self::Member,
            RegistryRoleBody::Admin => Self::Admin,
        }
    }
}

/// Whom the organization of a registry lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RegistryAccess)]
pub(crate) enum RegistryAccessBody {
    /// Every member of the organization, with the role that they have there.
    Private,
    /// Admins of the organization, and whoever has a role in the registry.
    Restricted,
}

impl From<RegistryAccess> for RegistryAccessBody {
    fn from(access: RegistryAccess) -> Self {
        match access {
            RegistryAccess::Private => Self::Private,
            RegistryAccess::Restricted => Self::Restricted,
        }
    }
}

impl From<RegistryAccessBody> for RegistryAccess {
    fn from(access: RegistryAccessBody) -> Self {
        match access {
            RegistryAccessBody::Private => Self::Private,
            RegistryAccessBody::Restricted => Self::Restricted,
        }
    }
}

/// A registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Registry)]
pub(crate) struct RegistryBody {
    /// The organization.
    #[schema(example = "acme")]
    organization: String,
    /// The name.
    #[schema(example = "models")]
    name: String,
    /// The project that it is, by which its collections are reached.
    #[schema(example = "wandb-registry-models")]
    project: String,
    /// What it is about; may be empty.
    description: String,
    /// Whom the organization lets in.
    access: RegistryAccessBody,
    /// Whether it takes artifacts of every type; else those of `artifact_types`.
    allow_all_artifact_types: bool,
    /// The artifact types that it names, in byte order.
    artifact_types: Vec<String>,
    /// The aliases that only its admins give and take, in byte order.
    protected_aliases: Vec<String>,
    /// What the caller may do in it.
    role: RegistryRoleBody,
    /// How many collections it has.
    n_collections: u64,
    /// How many versions are linked into them.
    n_versions: u64,
    /// How many users see it.
    n_members: u64,
    /// When it was made.
    created_at: Time,
    /// When its settings were last changed.
    updated_at: Time,
}

impl From<Registry> for RegistryBody {
    fn from(registry: Registry) -> Self {
        let name = registry.name().to_owned();
        let Registry {
            project,
            artifact_types,
            protected_aliases,
            figures,
            ..
        } = registry;
        Self {
            organization: project.entity.to_string(),
            name,
            project: project.name.to_string(),
            description: project.description,
            access: project.access.into(),
            allow_all_artifact_types: project.allow_all_artifact_types,
            artifact_types: artifact_types.iter().map(ToString::to_string).collect(),
            protected_aliases: protected_aliases.iter().map(ToString::to_string).collect(),
            role: project.role.into(),
            n_collections: figures.n_collections,
            n_versions: figures.n_versions,
            n_members: figures.n_members,
            created_at: project.created_at.into(),
            updated_at: project.updated_at.into(),
        }
    }
}

/// Where a user's role in a registry is from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleSource {
    /// It was given in the registry.
    Own,
    /// From the organization.
    Organization,
}

/// A user who sees a registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistryMember)]
pub(crate) struct RegistryMemberBody {
    /// The user's name.
    #[schema(example = "ada")]
    username: String,
    /// E-mail address; may be empty.
    #[schema(example = "ada@example.com")]
    email: String,
    /// What the user may do.
    role: RegistryRoleBody,
    /// Where that role is from.
    #[schema(inline)]
    via: RoleSource,
}

impl From<RegistryMember> for RegistryMemberBody {
    fn from(member: RegistryMember) -> Self {
        Self {
            username: member.username.to_string(),
            email: member.email,
            role: member.role.into(),
            via: match member.via {
                Via::Own => RoleSource::Own,
                Via::Organization => RoleSource::Organization,
            },
        }
    }
}

/// A team in a registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistryTeam)]
pub(crate) struct RegistryTeamBody {
    /// The name.
    #[schema(example = "vision-team")]
    name: String,
    /// What its members may do, whatever their role in the team.
    role: RegistryRoleBody,
    /// How many members the team has.
    n_members: u64,
}

impl From<ProjectTeamRecord> for RegistryTeamBody {
    fn from(team: ProjectTeamRecord) -> Self {
        Self {
            name: team.name.to_string(),
            role: team.role.into(),
            n_members: team.n_members,
        }
    }
}

/// Who sees a registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistryMembers)]
pub(crate) struct RegistryMembersBody {
    /// Users with a role of their own, there or in the organization, by name.
    users: Vec<RegistryMemberBody>,
    /// Teams, by name.
    teams: Vec<RegistryTeamBody>,
}

impl From<RegistryMembers> for RegistryMembersBody {
    fn from(members: RegistryMembers) -> Self {
        Self {
            users: members.users.into_iter().map(Into::into).collect(),
            teams: members.teams.into_iter().map(Into::into).collect(),
        }
    }
}

/// The role that a user or team is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistryRolePatch {
    /// What they may do.
    pub(crate) role: RegistryRoleBody,
}

/// The latest version of a collection of links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LatestLink {
    /// The number in the collection.
    #[schema(example = "v3")]
    version: String,
    /// When it was linked.
    linked_at: Time,
    /// Who linked it; null if that user is gone.
    linked_by: Option<String>,
    /// Aliases in the collection, in byte order.
    aliases: Vec<String>,
    /// Where it is linked from, if the caller may know of that project.
    source: Option<LinkedVersionBody>,
}

impl From<LatestVersion> for LatestLink {
    fn from(latest: LatestVersion) -> Self {
        Self {
            version: format!("v{}", latest.version),
            linked_at: latest.linked_at.into(),
            linked_by: latest.linked_by,
            aliases: latest.aliases,
            source: latest.source.map(Into::into),
        }
    }
}

/// A collection of a registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistryCollection)]
pub(crate) struct CardBody {
    /// The name, unique in the registry.
    #[schema(example = "resnet")]
    name: String,
    /// The type of all its versions.
    #[schema(example = "model")]
    r#type: String,
    /// What it is about.
    description: Option<String>,
    /// Tags, in byte order.
    tags: Vec<String>,
    /// How many versions are linked into it.
    n_versions: u64,
    /// The version with the alias `latest`.
    latest: Option<LatestLink>,
    /// Which version has which other alias, the newest version first; at most 20.
    aliases: Vec<NamedVersionBody>,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
}

/// An alias and the version that has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedVersion)]
pub(crate) struct NamedVersionBody {
    /// The alias.
    #[schema(example = "production")]
    alias: String,
    /// The number in the collection.
    #[schema(example = "v3")]
    version: String,
}

impl From<NamedVersion> for NamedVersionBody {
    fn from(named: NamedVersion) -> Self {
        Self {
            alias: named.alias,
            version: format!("v{}", named.version),
        }
    }
}

impl From<Card> for CardBody {
    fn from(card: Card) -> Self {
        let collection = card.collection;
        Self {
            name: collection.name.to_string(),
            r#type: collection.type_name.to_string(),
            description: collection.description,
            tags: card.tags,
            n_versions: card.n_versions,
            latest: card.latest.map(Into::into),
            aliases: card.named.into_iter().map(Into::into).collect(),
            created_at: collection.created_at.into(),
            updated_at: collection.updated_at.into(),
        }
    }
}
