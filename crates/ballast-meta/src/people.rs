//! People: users, their API keys, sessions and sign-in links.
//!
//! Secrets never come here: keys, session tokens and link tokens are stored as 32-byte digests, passwords as hashes.
//! Names are unique, and looked up, without regard to case.

use ballast_model::{ApiKeyKey, EntityKey, EntityKind, EntityName, Timestamp, UserKey};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

use crate::row::{FromRow, Row, folded, micros, optional_text, text};
use crate::{Db, MetaError, NewEntity, Tx};

/// An owner of projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRecord {
    /// The storage key.
    pub key: EntityKey,
    /// The name in URLs.
    pub name: EntityName,
    /// What it is.
    pub kind: EntityKind,
    /// The organization of a team that has one.
    pub organization: Option<EntityKey>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name to sign in with; the user's entity gets the same.
    pub username: EntityName,
    /// The address; may be empty.
    pub email: String,
    /// The password's hash in PHC text form, if the user may sign in with a password.
    pub password_hash: Option<String>,
    /// Whether the user manages other users.
    pub admin: bool,
    /// When the user was made.
    pub created_at: Timestamp,
}

impl NewUser {
    /// A user without address, password and rights.
    pub fn new(username: EntityName, created_at: Timestamp) -> Self {
        Self {
            username,
            email: String::new(),
            password_hash: None,
            admin: false,
            created_at,
        }
    }
}

/// A stored user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The storage key.
    pub key: UserKey,
    /// The name to sign in with.
    pub username: EntityName,
    /// The address; may be empty.
    pub email: String,
    /// The password's hash, if the user may sign in with a password.
    pub password_hash: Option<String>,
    /// Whether the user manages other users.
    pub admin: bool,
    /// The user's own entity, of the same name.
    pub entity: EntityKey,
    /// Where the user's runs go that name no entity; the user's own entity if `None`.
    pub default_entity: Option<EntityKey>,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// A new API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// The owner.
    pub user: UserKey,
    /// What the owner calls it.
    pub name: String,
    /// The last characters of the secret, to tell keys apart.
    pub hint: String,
    /// The keyed hash of the secret.
    pub digest: [u8; 32],
    /// When the key was made.
    pub created_at: Timestamp,
}

/// A stored API key, without its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The storage key.
    pub key: ApiKeyKey,
    /// The owner.
    pub user: UserKey,
    /// What the owner calls it.
    pub name: String,
    /// The last characters of the secret.
    pub hint: String,
    /// When the key was made.
    pub created_at: Timestamp,
    /// When the key was last used, as far as it was recorded.
    pub last_used_at: Option<Timestamp>,
}

/// A new session of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The digest of the session's token.
    pub digest: [u8; 32],
    /// Who signed in.
    pub user: UserKey,
    /// When.
    pub created_at: Timestamp,
    /// When the session stops counting.
    pub expires_at: Timestamp,
}

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Who signed in.
    pub user: UserKey,
    /// When.
    pub created_at: Timestamp,
    /// When the session stops counting.
    pub expires_at: Timestamp,
}

/// A new sign-in link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignInLink {
    /// The digest of the link's token.
    pub digest: [u8; 32],
    /// Whom it signs in.
    pub user: UserKey,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl FromRow for UserRecord {
    const TABLE: &'static str = "users";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: UserKey(row.get("user_key")?),
            username: row.parse("username")?,
            email: row.get("email")?,
            password_hash: row.get("password_hash")?,
            admin: row.get("admin")?,
            entity: EntityKey(row.get("entity_key")?),
            default_entity: row.get::<Option<i64>>("default_entity_key")?.map(EntityKey),
            created_at: row.time("user_created_at")?,
        })
    }
}

impl FromRow for ApiKeyRecord {
    const TABLE: &'static str = "api_keys";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ApiKeyKey(row.get("api_key_key")?),
            user: UserKey(row.get("owner_key")?),
            name: row.get("name")?,
            hint: row.get("hint")?,
            created_at: row.time("created_at")?,
            last_used_at: row.optional_time("last_used_at")?,
        })
    }
}

impl FromRow for SessionRecord {
    const TABLE: &'static str = "sessions";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            user: UserKey(row.get("owner_key")?),
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

/// Adds the columns of a user. The time of creation gets a name of its own, since joined tables have one too.
fn user_columns(select: &mut SelectStatement) -> &mut SelectStatement {
    for column in [
        "user_key",
        "username",
        "email",
        "password_hash",
        "admin",
        "entity_key",
        "default_entity_key",
    ] {
        select.column(("users", column));
    }
    select.expr_as(Expr::col(("users", "created_at")), "user_created_at")
}

pub(crate) fn select_users() -> SelectStatement {
    user_columns(Query::select().from("users")).to_owned()
}

/// Selects `columns` of `table`, whose rows belong to users, with the owner.
fn select_with_owner(table: &'static str, columns: &[&'static str]) -> SelectStatement {
    let mut select = Query::select();
    select
        .from(table)
        .expr_as(Expr::col((table, "user_key")), "owner_key");
    for column in columns {
        select.column((table, *column));
    }
    select.inner_join(
        "users",
        Expr::col((table, "user_key")).equals(("users", "user_key")),
    );
    user_columns(&mut select).to_owned()
}

const API_KEY_COLUMNS: [&str; 5] = ["api_key_key", "name", "hint", "created_at", "last_used_at"];

impl Db<'_> {
    /// The user `username`, in any case.
    pub async fn lookup_user(
        &self,
        username: &EntityName,
    ) -> Result<Option<UserRecord>, MetaError> {
        let condition = Expr::col("folded_username").eq(folded(username.as_str()));
        self.one(select_users().and_where(condition)).await
    }

    /// The user under `key`.
    pub async fn user(&self, key: UserKey) -> Result<Option<UserRecord>, MetaError> {
        self.one(select_users().and_where(Expr::col("user_key").eq(key.0)))
            .await
    }

    /// Every user, by name.
    pub async fn list_users(&self) -> Result<Vec<UserRecord>, MetaError> {
        self.all(select_users().order_by("folded_username", Order::Asc))
            .await
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<u64, MetaError> {
        let count = Query::select()
            .expr_as(Expr::col("user_key").count(), "n")
            .from("users")
            .to_owned();
        self.number(&count).await
    }

    /// Whether any user may sign in with a password.
    pub async fn any_user_has_password(&self) -> Result<bool, MetaError> {
        let select = Query::select()
            .column("user_key")
            .from("users")
            .and_where(Expr::col("password_hash").is_not_null())
            .limit(1)
            .to_owned();
        Ok(self.one_row("users", &select).await?.is_some())
    }

    /// The API key with this digest, and its owner.
    pub async fn lookup_api_key(
        &self,
        digest: &[u8; 32],
    ) -> Result<Option<(ApiKeyRecord, UserRecord)>, MetaError> {
        let mut select = select_with_owner("api_keys", &API_KEY_COLUMNS);
        select.and_where(Expr::col(("api_keys", "digest")).eq(digest.to_vec()));
        let Some(row) = self.one_row("api_keys", &select).await? else {
            return Ok(None);
        };
        let (key, row) = row.read()?;
        let (user, _) = row.read()?;
        Ok(Some((key, user)))
    }

    /// The API keys of `user`, oldest first.
    pub async fn list_api_keys(&self, user: UserKey) -> Result<Vec<ApiKeyRecord>, MetaError> {
        let mut select = select_with_owner("api_keys", &API_KEY_COLUMNS);
        select.and_where(Expr::col(("api_keys", "user_key")).eq(user.0));
        self.all(select.order_by("api_key_key", Order::Asc)).await
    }

    /// The session with this digest that has not expired at `now`, and its user.
    pub async fn lookup_session(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, UserRecord)>, MetaError> {
        let mut select = select_with_owner("sessions", &["created_at", "expires_at"]);
        select.and_where(Expr::col(("sessions", "digest")).eq(digest.to_vec()));
        select.and_where(Expr::col(("sessions", "expires_at")).gt(micros(now)));
        let Some(row) = self.one_row("sessions", &select).await? else {
            return Ok(None);
        };
        let (session, row) = row.read()?;
        let (user, _) = row.read()?;
        Ok(Some((session, user)))
    }
}

impl Tx<'_> {
    /// Makes a user and the entity of the same name.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if an entity or user of that name exists, in any case.
    pub async fn insert_user(&self, user: NewUser) -> Result<UserRecord, MetaError> {
        let NewUser {
            username,
            email,
            password_hash,
            admin,
            created_at,
        } = user;
        let entity = NewEntity {
            name: username.clone(),
            kind: EntityKind::User,
            organization: None,
            created_at,
        };
        let entity = self.insert_entity(entity).await?.key;
        let email = text(&email);
        let insert_user = Query::insert()
            .into_table("users")
            .columns([
                "username",
                "folded_username",
                "email",
                "password_hash",
                "admin",
                "entity_key",
                "created_at",
            ])
            .values_panic([
                username.as_str().into(),
                folded(username.as_str()).into(),
                email.as_str().into(),
                password_hash.clone().into(),
                admin.into(),
                entity.0.into(),
                micros(created_at).into(),
            ])
            .returning_col("user_key")
            .to_owned();
        let key = UserKey(
            self.insert_returning("users", "user_key", &insert_user)
                .await?,
        );
        Ok(UserRecord {
            key,
            username,
            email,
            password_hash,
            admin,
            entity,
            default_entity: None,
            created_at,
        })
    }

    /// Deletes a user for good, with entity, projects, runs, keys and sessions. Returns whether there was one.
    ///
    /// The objects of the runs and artifacts are not doomed here: see [`Db::project_object_keys`] and
    /// [`Db::blob_objects`].
    pub async fn delete_user(&self, key: UserKey) -> Result<bool, MetaError> {
        let Some(user) = self.user(key).await? else {
            return Ok(false);
        };
        // The user goes with the entity; keys, sessions and links go with the user.
        self.delete_entity(user.entity).await
    }

    /// Sets or, with `None`, takes away the password. Returns whether there is such a user.
    pub async fn set_password(
        &self,
        key: UserKey,
        password_hash: Option<String>,
    ) -> Result<bool, MetaError> {
        let update = Query::update()
            .table("users")
            .value("password_hash", optional_text(password_hash.as_deref()))
            .and_where(Expr::col("user_key").eq(key.0))
            .to_owned();
        Ok(self.execute("users", &update).await? > 0)
    }

    /// Stores an API key.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if a key with that digest exists.
    pub async fn insert_api_key(&self, key: NewApiKey) -> Result<ApiKeyRecord, MetaError> {
        let NewApiKey {
            user,
            name,
            hint,
            digest,
            created_at,
        } = key;
        let (name, hint) = (text(&name), text(&hint));
        let insert = Query::insert()
            .into_table("api_keys")
            .columns(["user_key", "name", "hint", "digest", "created_at"])
            .values_panic([
                user.0.into(),
                name.as_str().into(),
                hint.as_str().into(),
                digest.to_vec().into(),
                micros(created_at).into(),
            ])
            .returning_col("api_key_key")
            .to_owned();
        let key = ApiKeyKey(
            self.insert_returning("api_keys", "api_key_key", &insert)
                .await?,
        );
        Ok(ApiKeyRecord {
            key,
            user,
            name,
            hint,
            created_at,
            last_used_at: None,
        })
    }

    /// Deletes the API key `key` if `user` owns it. Returns whether it was there.
    pub async fn delete_api_key(&self, user: UserKey, key: ApiKeyKey) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("api_keys")
            .and_where(Expr::col("api_key_key").eq(key.0))
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        Ok(self.execute("api_keys", &delete).await? > 0)
    }

    /// Records that an API key was used.
    pub async fn touch_api_key(&self, key: ApiKeyKey, at: Timestamp) -> Result<(), MetaError> {
        let update = Query::update()
            .table("api_keys")
            .value("last_used_at", micros(at))
            .and_where(Expr::col("api_key_key").eq(key.0))
            .to_owned();
        self.execute("api_keys", &update).await?;
        Ok(())
    }

    /// Stores a session.
    pub async fn insert_session(&self, session: NewSession) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("sessions")
            .columns(["digest", "user_key", "created_at", "expires_at"])
            .values_panic([
                session.digest.to_vec().into(),
                session.user.0.into(),
                micros(session.created_at).into(),
                micros(session.expires_at).into(),
            ])
            .to_owned();
        self.execute("sessions", &insert).await?;
        Ok(())
    }

    /// Ends the session with this digest. Returns whether there was one.
    pub async fn delete_session(&self, digest: &[u8; 32]) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("sessions")
            .and_where(Expr::col("digest").eq(digest.to_vec()))
            .to_owned();
        Ok(self.execute("sessions", &delete).await? > 0)
    }

    /// Ends every session of `user`. Returns how many there were.
    pub async fn delete_sessions_of(&self, user: UserKey) -> Result<u64, MetaError> {
        let delete = Query::delete()
            .from_table("sessions")
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        self.execute("sessions", &delete).await
    }

    /// Stores a sign-in link.
    pub async fn insert_sign_in_link(&self, link: NewSignInLink) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("sign_in_links")
            .columns(["digest", "user_key", "expires_at"])
            .values_panic([
                link.digest.to_vec().into(),
                link.user.0.into(),
                micros(link.expires_at).into(),
            ])
            .to_owned();
        self.execute("sign_in_links", &insert).await?;
        Ok(())
    }

    /// Uses up the sign-in link with this digest: whom it signs in, or `None` if it is unknown, used or expired.
    pub async fn take_sign_in_link(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<UserKey>, MetaError> {
        let delete = Query::delete()
            .from_table("sign_in_links")
            .and_where(Expr::col("digest").eq(digest.to_vec()))
            .and_where(Expr::col("expires_at").gt(micros(now)))
            .returning_col("user_key")
            .to_owned();
        let row = self.one_row("sign_in_links", &delete).await?;
        row.map(|row| Ok(UserKey(row.get("user_key")?))).transpose()
    }

    /// Deletes the sessions and sign-in links that have expired at `now`. Returns how many.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, MetaError> {
        let mut deleted = 0;
        for table in ["sessions", "sign_in_links"] {
            let delete = Query::delete()
                .from_table(table)
                .and_where(Expr::col("expires_at").lte(micros(now)))
                .to_owned();
            deleted += self.execute(table, &delete).await?;
        }
        Ok(deleted)
    }
}
