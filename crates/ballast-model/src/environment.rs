//! Where and how a run was made.

use serde::{Deserialize, Serialize};

use crate::json::Map;

/// What a run's process told about the machine, the code and the packages it ran with. Every part may be missing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Operating system, as text for people.
    pub os: Option<String>,
    /// Python version.
    pub python: Option<String>,
    /// Host name.
    pub host: Option<String>,
    /// The script or module.
    pub program: Option<String>,
    /// The interpreter that ran it.
    pub executable: Option<String>,
    /// Arguments after the program.
    pub args: Vec<String>,
    /// Version of the client library that logged the run.
    pub client: Option<String>,
    /// Address of the git remote.
    pub git_remote: Option<String>,
    /// Commit that was checked out.
    pub git_commit: Option<String>,
    /// When the process started, as it said.
    pub started_at: Option<String>,
    /// Machine facts (processors, memory, disks, accelerators) by name, as the client names them.
    pub hardware: Map,
    /// Installed packages, each as `name==version`.
    pub packages: Vec<String>,
}

/// A chart that a script described, drawn from a table that it logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomChart {
    /// Which chart: a preset such as `wandb/line/v0`, or `entity/name` of a stored definition.
    pub definition: String,
    /// Which column of the table fills which field of the chart.
    pub fields: indexmap::IndexMap<String, Option<String>>,
    /// Texts of the chart, such as its title.
    pub strings: indexmap::IndexMap<String, String>,
    /// The logged key that holds the table.
    pub table_key: String,
}

impl Environment {
    /// This environment, with the parts it lacks taken from `older`.
    #[must_use]
    pub fn over(self, older: Self) -> Self {
        let or = |newer: Vec<String>, older| if newer.is_empty() { older } else { newer };
        Self {
            os: self.os.or(older.os),
            python: self.python.or(older.python),
            host: self.host.or(older.host),
            program: self.program.or(older.program),
            executable: self.executable.or(older.executable),
            args: or(self.args, older.args),
            client: self.client.or(older.client),
            git_remote: self.git_remote.or(older.git_remote),
            git_commit: self.git_commit.or(older.git_commit),
            started_at: self.started_at.or(older.started_at),
            hardware: if self.hardware.is_empty() {
                older.hardware
            } else {
                self.hardware
            },
            packages: or(self.packages, older.packages),
        }
    }
}
