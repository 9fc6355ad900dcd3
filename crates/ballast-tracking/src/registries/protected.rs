//! Aliases that only the admins of a registry give and take.

use ballast_meta::Tx;
use ballast_meta::artifacts::{AliasScope, CollectionKind, CollectionRecord};
use ballast_model::{ArtifactAlias, MembershipKey, Role};

use super::short_name;
use crate::artifacts::LATEST;
use crate::{Caller, Result, TrackingError};

/// Most aliases that a registry protects.
const MAX_PROTECTED: usize = 100;

/// Refuses aliases that cannot be protected.
pub(super) fn check_names(aliases: &[ArtifactAlias]) -> Result<()> {
    if aliases.len() > MAX_PROTECTED {
        return Err(TrackingError::Invalid(format!(
            "{} protected aliases; at most {MAX_PROTECTED} are possible",
            aliases.len()
        )));
    }
    if aliases.iter().any(|alias| alias.as_str() == LATEST) {
        return Err(TrackingError::Invalid(format!(
            "alias `{LATEST}` cannot be protected: every link moves it"
        )));
    }
    Ok(())
}

/// Refuses to give aliases to a membership of a collection, and to take others away from it, if its registry protects
/// one of them and the caller is no admin there. `None` is a membership that is yet to be made. What changes nothing is
/// not refused.
///
/// # Errors
/// [`TrackingError::Forbidden`], naming the alias.
pub(crate) async fn check_aliases(
    tx: &Tx<'_>,
    caller: &Caller,
    collection: &CollectionRecord,
    membership: Option<MembershipKey>,
    (add, delete): (&[ArtifactAlias], &[ArtifactAlias]),
) -> Result<()> {
    if collection.kind != CollectionKind::Links || is_admin(caller, collection) {
        return Ok(());
    }
    let project = collection.project;
    let mut protected = tx.protected_aliases(&[project]).await?;
    for alias in protected.remove(&project).unwrap_or_default() {
        let (is_given, is_taken) = (add.contains(&alias), delete.contains(&alias));
        if !is_given && !is_taken {
            continue;
        }
        let holder = tx.alias_holder(collection.key, &alias).await?;
        let has_it = holder.is_some() && holder.map(|(holder, _)| holder) == membership;
        if (is_given && !has_it) || (is_taken && has_it) {
            return Err(refusal(caller, collection, &alias));
        }
    }
    Ok(())
}

/// Refuses to do away with what has aliases that a registry protects, if the caller is no admin of that.
///
/// # Errors
/// [`TrackingError::Forbidden`], naming one of the aliases.
pub(crate) async fn check_loss(tx: &Tx<'_>, caller: &Caller, scope: AliasScope) -> Result<()> {
    let protected = tx.aliases_that_are_protected(scope).await?;
    let kept = protected
        .iter()
        .find(|held| !is_admin(caller, &held.collection));
    match kept {
        Some(held) => Err(refusal(caller, &held.collection, &held.alias)),
        None => Ok(()),
    }
}

fn is_admin(caller: &Caller, collection: &CollectionRecord) -> bool {
    caller.role_in_project(collection.entity, collection.project) == Some(Role::Admin)
}

fn refusal(caller: &Caller, collection: &CollectionRecord, alias: &ArtifactAlias) -> TrackingError {
    let role = caller.role_in_project(collection.entity, collection.project);
    TrackingError::Forbidden(match role {
        Some(role) => format!(
            "alias `{alias}` is protected in registry `{}`: your role there is `{role}`, and to give or take it takes \
             the role `{}`",
            short_name(&collection.project_name),
            Role::Admin
        ),
        // Whoever sees nothing of the registry is not told its name.
        None => format!(
            "the version has the alias `{alias}` in a registry that protects it; only an admin of that takes it away"
        ),
    })
}
