//! Reports and saved views. There are none yet: lookups find nothing.

use async_graphql::ID;

use super::absent::absent_types;
use super::people::UserNode;
use super::projects::ProjectNode;
use super::scalars::DateTime;

absent_types! {
    /// A report or a saved view of a project.
    View {
        id: ID,
        r#type: Option<String>,
        name: Option<String>,
        display_name: Option<String>,
        description: Option<String>,
        spec: String,
        user: Option<UserNode>,
        project: Option<ProjectNode>,
        created_at: Option<DateTime>,
        updated_at: Option<DateTime>,
        preview_url: Option<String>,
    }
}
