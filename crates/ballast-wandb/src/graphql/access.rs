//! What resolvers work with.

use async_graphql::Context;
use ballast_model::{EntityName, ProjectName, RunPath};
use ballast_tracking::runs::Run;
use ballast_tracking::{Caller, Tracking};

use crate::address::BaseAddress;
use crate::ids;
use crate::refusal::Refusal;

/// One request: who asks, and through which address.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) tracking: Tracking,
    pub(crate) caller: Caller,
    pub(crate) base: BaseAddress,
    /// Whether the run that is written has several writers.
    pub(crate) shared: bool,
}

impl Access {
    /// The access of the request that is being answered.
    pub(crate) fn of<'a>(context: &Context<'a>) -> &'a Self {
        context.data_unchecked::<Self>()
    }

    /// The entity of that name, or the caller's default one where none is named; `None` if no entity can have the name.
    pub(crate) fn entity_name(&self, name: Option<&str>) -> Option<EntityName> {
        match name.filter(|name| !name.is_empty()) {
            Some(name) => EntityName::new(name).ok(),
            None => Some(self.caller.default_entity().clone()),
        }
    }

    /// The full name of a run as a mutation gives it.
    ///
    /// # Errors
    /// [`Refusal`] (400) for the first part that is no name.
    pub(crate) fn run_path(
        &self,
        entity: Option<&str>,
        project: Option<&str>,
        run: &str,
    ) -> Result<RunPath, Refusal> {
        let project = project.ok_or_else(|| Refusal::invalid("no project is named"))?;
        Ok(RunPath {
            entity: match entity.filter(|name| !name.is_empty()) {
                Some(name) => EntityName::new(name)?,
                None => self.caller.default_entity().clone(),
            },
            project: ProjectName::new(project)?,
            run: ballast_model::RunId::new(run)?,
        })
    }

    /// The run behind an id of the wire.
    ///
    /// # Errors
    /// [`Refusal`] (404) if there is none that the caller may see.
    pub(crate) async fn run_by_id(&self, id: &str) -> Result<Run, Refusal> {
        let run = match ids::run_key(id) {
            Some(key) => self.tracking.lookup_run_by_key(&self.caller, key).await?,
            None => None,
        };
        run.ok_or_else(|| Refusal::not_found("run", id))
    }
}

/// The refusal of an operation that this server does not have yet. It is counted, so that one sees what clients miss.
pub(crate) fn unsupported(what: &'static str) -> Refusal {
    metrics::counter!("ballast.wandb.unknown_operations", "name" => what).increment(1);
    Refusal::invalid(format!("{what} are not supported by this server yet"))
}
