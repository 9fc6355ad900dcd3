//! Finding registries, and what is in them, by conditions on anything about them.

use ballast_meta::artifacts::{
    CollectionKind, CollectionQuery, CollectionRecord, MembershipRecord,
};
use ballast_model::json::Value;
use ballast_model::{EntityName, ProjectKey};

use super::Registry;
use crate::artifacts::{CollectionSearch, Found, SearchPage, VersionSearch};
use crate::filter::{FieldOf, OrderKey, Predicate, compare};
use crate::{Caller, Result, Tracking};

/// Something about a registry that can be tested and sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryField {
    /// The storage key of the project.
    Key,
    /// The storage key of the organization.
    Organization,
    /// The name of the project.
    Name,
    /// What it is about.
    Description,
    /// When it was made, as RFC 3339 text.
    CreatedAt,
    /// When it was last changed, as RFC 3339 text.
    UpdatedAt,
}

impl FieldOf<Registry> for RegistryField {
    fn value(&self, registry: &Registry) -> Value {
        let project = &registry.project;
        match self {
            Self::Key => Value::Int(project.key.0),
            Self::Organization => Value::Int(registry.organization.0),
            Self::Name => Value::from(project.name.as_str()),
            Self::Description => Value::from(project.description.as_str()),
            Self::CreatedAt => Value::String(project.created_at.to_string()),
            Self::UpdatedAt => Value::String(project.updated_at.to_string()),
        }
    }
}

/// Which registries to search.
#[derive(Debug, Clone)]
pub struct RegistrySearch {
    /// What they have to fit.
    pub filter: Predicate<RegistryField>,
    /// The order; by name if there is none.
    pub order: Option<OrderKey<RegistryField>>,
    /// The page.
    pub page: SearchPage,
}

impl Tracking {
    /// The registries of an organization that fit a condition, as far as the caller has a role in them.
    ///
    /// # Errors
    /// As [`Tracking::list_registries`].
    pub async fn search_registries(
        &self,
        caller: &Caller,
        organization: &EntityName,
        search: &RegistrySearch,
    ) -> Result<Found<Registry>> {
        let mut registries = self.list_registries(caller, organization).await?;
        registries.retain(|registry| search.filter.fits(registry));
        if let Some(order) = &search.order {
            registries.sort_by(|a, b| compare(std::slice::from_ref(order), a, b));
        }
        let total = registries.len() as u64;
        let SearchPage { start, limit, .. } = search.page;
        let rest = registries.into_iter().zip(1..);
        let items: Vec<(Registry, u64)> = rest
            .skip(usize::try_from(start).unwrap_or(usize::MAX))
            .take(limit)
            .collect();
        let end = items.last().map_or(start, |(_, end)| *end);
        Ok(Found {
            has_more: end < total,
            items,
            total: Some(total),
        })
    }

    /// The collections of the registries that fit a condition, as far as they fit theirs.
    ///
    /// # Errors
    /// As [`Tracking::list_registries`].
    pub async fn search_registry_collections(
        &self,
        caller: &Caller,
        organization: &EntityName,
        registries: &Predicate<RegistryField>,
        search: &CollectionSearch,
    ) -> Result<Found<CollectionRecord>> {
        let query = CollectionQuery {
            projects: self
                .registries_that_fit(caller, organization, registries)
                .await?,
            kind: Some(CollectionKind::Links),
            ..CollectionQuery::default()
        };
        self.collections_that_fit(query, search).await
    }

    /// The versions in the registries that fit a condition, as far as they fit theirs.
    ///
    /// # Errors
    /// As [`Tracking::list_registries`].
    pub async fn search_registry_versions(
        &self,
        caller: &Caller,
        organization: &EntityName,
        registries: &Predicate<RegistryField>,
        search: &VersionSearch,
    ) -> Result<Found<MembershipRecord>> {
        let projects = self
            .registries_that_fit(caller, organization, registries)
            .await?;
        self.versions_that_fit(projects, None, CollectionKind::Links, search)
            .await
    }

    async fn registries_that_fit(
        &self,
        caller: &Caller,
        organization: &EntityName,
        filter: &Predicate<RegistryField>,
    ) -> Result<Vec<ProjectKey>> {
        let mut registries = self.list_registries(caller, organization).await?;
        registries.retain(|registry| filter.fits(registry));
        Ok(registries
            .into_iter()
            .map(|registry| registry.project.key)
            .collect())
    }
}
