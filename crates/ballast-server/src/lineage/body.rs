use ballast_tracking::lineage::{Edge, Lineage, Node, NodeBody as NodeOf};
use serde::Serialize;
use utoipa::ToSchema;

use crate::artifacts::RunReferenceBody;
use crate::collections::ShortVersionBody;

/// What a node of a lineage is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LineageNodeKind)]
pub(crate) enum NodeKindName {
    /// A run.
    Run,
    /// A version of an artifact.
    Artifact,
}

/// A run or version in a lineage.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LineageNode)]
pub(crate) struct NodeBody {
    /// What edges call it; only valid within the answer.
    #[schema(example = "a34")]
    id: String,
    /// What it is.
    kind: NodeKindName,
    /// Steps from the focus, negative for what it was made from. From a run to a version or back is one step.
    depth: i64,
    /// The run, if it is one.
    run: Option<RunReferenceBody>,
    /// The version, if it is one.
    artifact: Option<ShortVersionBody>,
    /// How many nodes that it was made from are not in the answer.
    n_hidden_up: u64,
    /// How many nodes that were made from it are not in the answer.
    n_hidden_down: u64,
}

impl From<Node> for NodeBody {
    fn from(node: Node) -> Self {
        let (kind, run, artifact) = match node.body {
            NodeOf::Run(run) => (NodeKindName::Run, Some(run.into()), None),
            NodeOf::Artifact(version) => (NodeKindName::Artifact, None, Some(version.into())),
        };
        Self {
            id: node.key.to_string(),
            kind,
            depth: node.depth,
            run,
            artifact,
            n_hidden_up: node.n_hidden_up,
            n_hidden_down: node.n_hidden_down,
        }
    }
}

/// That data went from one node to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineageEdge)]
pub(crate) struct EdgeBody {
    /// Where it came from.
    #[schema(example = "a34")]
    from: String,
    /// Where it went.
    #[schema(example = "r12")]
    to: String,
    /// What the run called the version that it used.
    used_as: Option<String>,
}

impl From<Edge> for EdgeBody {
    fn from(edge: Edge) -> Self {
        Self {
            from: edge.from.to_string(),
            to: edge.to.to_string(),
            used_as: edge.used_as,
        }
    }
}

/// The surroundings of a run or version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lineage)]
pub(crate) struct LineageBody {
    /// The id of the node that was asked for.
    #[schema(example = "a34")]
    focus: String,
    /// The nodes, nearest first.
    nodes: Vec<NodeBody>,
    /// The edges between them.
    edges: Vec<EdgeBody>,
    /// Whether there is more within the depth that was asked for than the limit lets in.
    truncated: bool,
    /// How many nodes there are within that depth, if all of them are here.
    n_nodes_total: Option<u64>,
    /// How many neighbours of these nodes the caller may not see.
    n_hidden: u64,
}

impl From<Lineage> for LineageBody {
    fn from(lineage: Lineage) -> Self {
        let n_nodes = lineage.nodes.len() as u64;
        Self {
            focus: lineage.focus.to_string(),
            n_nodes_total: (!lineage.truncated).then_some(n_nodes),
            nodes: lineage.nodes.into_iter().map(Into::into).collect(),
            edges: lineage.edges.into_iter().map(Into::into).collect(),
            truncated: lineage.truncated,
            n_hidden: lineage.n_forbidden,
        }
    }
}
