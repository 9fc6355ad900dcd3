//! `ballast user`: users and their API keys, from the operator's shell.
//!
//! It works on the database itself, so it needs no key, and whoever can open the database may use it. The server may
//! run meanwhile.

use std::io::BufRead as _;

use anyhow::{Context as _, anyhow};
use ballast_model::ApiKeyKey;
use ballast_tracking::people::NewUser;
use ballast_tracking::{Caller, Tracking, TrackingError};

use super::Outcome;
use super::serve::{base_url, reserved_names, sign_in_url};
use crate::config::Config;
use crate::failure::Failure;
use crate::printer;
use crate::stores::Stores;
use crate::table::Table;

/// What to do with users.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Add a user
    Add {
        /// Name to sign in with, and of the user's own projects
        name: String,
        /// E-mail address
        #[arg(long, default_value = "", hide_default_value = true)]
        email: String,
        /// Let the user manage other users
        #[arg(long)]
        admin: bool,
        /// Read a password from the first line of stdin; without one, the user signs in by a link
        #[arg(long)]
        password_stdin: bool,
    },
    /// List users
    List,
    /// Remove a user, with everything that is theirs
    Remove {
        /// Name of the user
        name: String,
    },
    /// Set a user's password, from the first line of stdin
    SetPassword {
        /// Name of the user
        name: String,
    },
    /// Print a link that signs a user in, once, within a day
    Link {
        /// Name of the user
        name: String,
    },
    /// Manage a user's API keys
    #[command(subcommand)]
    Key(KeyAction),
}

/// What to do with a user's API keys.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum KeyAction {
    /// Make a key and print it; it is not shown again
    Add {
        /// Name of the user
        name: String,
        /// What to call the key
        #[arg(long, default_value = "made in the shell")]
        label: String,
    },
    /// List a user's keys, without their secrets
    List {
        /// Name of the user
        name: String,
    },
    /// Revoke a key
    Remove {
        /// Name of the user
        name: String,
        /// Id of the key, as `list` shows it
        id: i64,
    },
}

/// Does it.
pub(crate) async fn run(config: Config, action: Action) -> Outcome {
    let stores = Stores::open_existing(&config, reserved_names()).await?;
    let outcome = act(&config, &stores.tracking, action).await;
    stores.meta.close().await;
    outcome
}

async fn act(config: &Config, tracking: &Tracking, action: Action) -> Outcome {
    let operator = operator(config, tracking).await?;
    match action {
        Action::Add {
            name,
            email,
            admin,
            password_stdin,
        } => {
            let password = if password_stdin {
                Some(read_password()?)
            } else {
                None
            };
            let user = NewUser {
                username: name,
                email,
                password,
                is_admin: admin,
                ..NewUser::default()
            };
            let user = tracking.create_user(&operator, user).await?;
            printer::note(&format!("added user `{}`", user.username));
        }
        Action::List => list(tracking, &operator).await?,
        Action::Remove { name } => {
            tracking.delete_user(&operator, &name).await?;
            printer::note(&format!("removed user `{name}`"));
        }
        Action::SetPassword { name } => {
            let password = read_password()?;
            tracking.reset_password(&operator, &name, &password).await?;
            printer::note(&format!("set the password of user `{name}`"));
        }
        Action::Link { name } => {
            let token = tracking.create_sign_in_link(&name).await?;
            let base = base_url(&config.server, config.server.listen)?;
            printer::data(&sign_in_url(&base, &token));
        }
        Action::Key(action) => {
            let (KeyAction::Add { name, .. }
            | KeyAction::List { name }
            | KeyAction::Remove { name, .. }) = &action;
            let owner = tracking.act_as(&operator, name).await?;
            act_on_key(tracking, &owner, action).await?;
        }
    }
    Ok(())
}

async fn act_on_key(tracking: &Tracking, owner: &Caller, action: KeyAction) -> Outcome {
    match action {
        KeyAction::Add { label, .. } => {
            let key = tracking.create_api_key(owner, &label).await?;
            printer::data(&key.secret);
        }
        KeyAction::List { .. } => {
            let mut table = Table::new(["id", "name", "ends in", "created", "last used"]);
            for key in tracking.list_api_keys(owner).await? {
                let last_used = key.last_used_at.map(|time| format!("{time:.0}"));
                table.add([
                    key.id.0.to_string(),
                    key.name,
                    key.hint,
                    format!("{:.0}", key.created_at),
                    last_used.unwrap_or_else(|| "never".to_owned()),
                ]);
            }
            printer::data(&table.to_string());
        }
        KeyAction::Remove { id, .. } => {
            tracking.delete_api_key(owner, ApiKeyKey(id)).await?;
            printer::note(&format!("revoked key {id}"));
        }
    }
    Ok(())
}

async fn list(tracking: &Tracking, operator: &Caller) -> Outcome {
    let mut table = Table::new(["name", "email", "role", "created"]);
    for user in tracking.list_users(operator).await? {
        let role = if user.is_admin { "admin" } else { "user" };
        table.add([
            user.username.to_string(),
            user.email,
            role.to_owned(),
            format!("{:.0}", user.created_at),
        ]);
    }
    printer::data(&table.to_string());
    Ok(())
}

/// Acts as the admin that the configuration names.
pub(crate) async fn operator(config: &Config, tracking: &Tracking) -> Result<Caller, Failure> {
    let admin = config.accounts.admin_username.as_str();
    let operator = tracking.operator(admin).await;
    operator.map_err(|error| match error {
        TrackingError::NotFound { .. } => Failure::expected(error).with_hint(
            "the first start of the server makes the first admin; `admin_username` says which admin to act as",
        ),
        error => Failure::from(error),
    })
}

/// The first line of stdin, without its line break.
fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    let stdin = std::io::stdin();
    let read = stdin.lock().read_line(&mut line);
    read.context("could not read the password from stdin")
        .map_err(Failure::expected)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::expected(anyhow!("stdin holds no password")));
    }
    Ok(password.to_owned())
}
