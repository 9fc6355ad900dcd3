//! The config of a sweep, read once.

use std::sync::Arc;

use ballast_meta::SweepRecord;
use ballast_model::SweepKey;
use ballast_sweep::{Controller, Grid, Method, Parsed, SweepConfig};
use moka::future::Cache;

use super::Objective;
use crate::{Result, Tracking, TrackingError};

/// Largest config, in bytes. The search library has the same limit.
const MAX_CONFIG_BYTES: usize = 4 << 20;
/// Memory that configs read lately may take, by the size of their texts.
const CACHE_BYTES: u64 = 16 << 20;

/// What a sweep's config says.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) config: SweepConfig,
    /// The points, if the method is `grid`.
    pub(super) grid: Option<Grid>,
    n_bytes: usize,
}

impl Plan {
    /// Reads a config. The texts are remarks for people.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] with everything that is wrong with it.
    pub(super) fn parse(text: &str) -> Result<(Self, Vec<String>)> {
        if text.len() > MAX_CONFIG_BYTES {
            return Err(TrackingError::TooLarge {
                what: "sweep config",
                found: text.len() as u64,
                limit: MAX_CONFIG_BYTES as u64,
            });
        }
        let Parsed { config, warnings } = SweepConfig::parse_yaml(text)
            .map_err(|error| TrackingError::Invalid(error.to_string()))?;
        let grid = match config.method {
            Method::Grid => Some(Grid::new(&config.space).ok_or_else(|| {
                TrackingError::Invalid("the parameters of this sweep make no grid".to_owned())
            })?),
            _ => None,
        };
        let plan = Self {
            config,
            grid,
            n_bytes: text.len(),
        };
        Ok((plan, warnings))
    }

    /// The method as configs name it.
    pub(super) fn method(&self) -> &'static str {
        match self.config.method {
            Method::Grid => "grid",
            Method::Random => "random",
            Method::Bayes => "bayes",
            Method::Custom => "custom",
        }
    }

    /// Whether trials are proposed outside this server.
    pub(super) fn is_controlled(&self) -> bool {
        self.config.controller == Controller::Local
            || self.config.method == Method::Custom
            || self.config.scheduler.is_some()
    }

    /// How many trials there are when everything is tried.
    pub(super) fn n_expected(&self) -> Option<u64> {
        n_expected(&self.config, self.grid.as_ref())
    }

    /// What is optimized.
    pub(super) fn objectives(&self) -> Vec<Objective> {
        self.config
            .objectives
            .iter()
            .map(|metric| Objective {
                metric: metric.name.clone(),
                goal: match metric.goal {
                    ballast_sweep::Goal::Minimize => ballast_model::Goal::Minimize,
                    ballast_sweep::Goal::Maximize => ballast_model::Goal::Maximize,
                },
                target: metric.target,
            })
            .collect()
    }
}

/// How many trials a config has when everything is tried; `None` if it goes on until someone stops it. `grid` has its
/// points if its method is that.
pub(super) fn n_expected(config: &SweepConfig, grid: Option<&Grid>) -> Option<u64> {
    let n_points = grid.map(|grid| {
        u64::try_from(grid.n_points())
            .unwrap_or(u64::MAX)
            .min(i64::MAX as u64)
    });
    [n_points, config.run_cap].into_iter().flatten().min()
}

/// Configs that were read lately, by sweep and version.
pub(super) type Plans = Cache<(SweepKey, i64), Arc<Plan>>;

pub(super) fn plans() -> Plans {
    Cache::builder()
        .max_capacity(CACHE_BYTES)
        .weigher(|_, plan: &Arc<Plan>| u32::try_from(plan.n_bytes + 1024).unwrap_or(u32::MAX))
        .build()
}

impl Tracking {
    /// The config of a stored sweep.
    pub(super) async fn plan_of(&self, sweep: &SweepRecord) -> Result<Arc<Plan>> {
        let plans = &self.inner.sweeps.plans;
        let key = (sweep.key, sweep.config_version);
        if let Some(plan) = plans.get(&key).await {
            return Ok(plan);
        }
        let (sweep_id, text) = (sweep.sweep_id.clone(), sweep.config.clone());
        let plan = tokio::task::spawn_blocking(move || {
            Plan::parse(&text).map_err(|error| {
                // It was checked before it was stored.
                TrackingError::internal(format!(
                    "the stored config of sweep `{sweep_id}` cannot be read: {error}"
                ))
            })
        });
        let (plan, _) = plan.await.map_err(TrackingError::internal)??;
        let plan = Arc::new(plan);
        plans.insert(key, Arc::clone(&plan)).await;
        Ok(plan)
    }
}
