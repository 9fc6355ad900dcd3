//! The keys that a batch has met, as a tree.

use std::hash::{BuildHasher, RandomState};

use ballast_model::MetricName;

use super::column::ValueKind;

/// A key in the tree: its index.
pub(super) type NodeId = u32;

/// The row itself, above all keys.
pub(super) const ROOT: NodeId = u32::MAX;

const NO_COLUMN: u32 = u32::MAX;

/// A key below its parent.
struct Node {
    parent: NodeId,
    key_start: u32,
    key_end: u32,
    /// The parse attempt that met the key last.
    attempt: u32,
    /// Where it came in the row that met it last.
    place: u32,
    /// Its column of each kind.
    columns: [u32; ValueKind::ALL.len()],
}

/// Finds the node of a key under its parent.
///
/// Rows mostly repeat the keys of the row before in the same order, so the key after the one found last is compared
/// first; only a miss is hashed. The hash is seeded, so that nobody can send keys that all collide.
pub(super) struct KeyTree {
    nodes: Vec<Node>,
    keys: String,
    /// Open addressing over `nodes`: index + 1, 0 is free. Its length is a power of two.
    slots: Vec<u32>,
    seed: u64,
    /// The keys of the row before and of this one, in the order they came.
    last_row: Vec<NodeId>,
    this_row: Vec<NodeId>,
    /// Where in `last_row` the next key is expected.
    expected: usize,
}

impl KeyTree {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            keys: String::new(),
            slots: vec![0; 64],
            seed: RandomState::new().hash_one(0_u8),
            last_row: Vec::new(),
            this_row: Vec::new(),
            expected: 0,
        }
    }

    /// Begins a row.
    pub(super) fn begin_row(&mut self) {
        if !self.this_row.is_empty() {
            std::mem::swap(&mut self.last_row, &mut self.this_row);
            self.this_row.clear();
        }
        self.expected = 0;
    }

    /// The node of `key` under `parent`, and whether `attempt` met it before.
    pub(super) fn visit(&mut self, parent: NodeId, key: &str, attempt: u32) -> (NodeId, bool) {
        let id = match self.last_row.get(self.expected) {
            Some(&id) if self.is(id, parent, key) => id,
            _ => self.find_or_insert(parent, key),
        };
        let place = self.this_row.len() as u32;
        self.this_row.push(id);
        let node = &mut self.nodes[id as usize];
        self.expected = node.place as usize + 1;
        node.place = place;
        let repeated = node.attempt == attempt;
        node.attempt = attempt;
        (id, repeated)
    }

    /// The column of a node's values of one kind.
    pub(super) fn column(&self, id: NodeId, kind: ValueKind) -> Option<u32> {
        let column = self.nodes[id as usize].columns[kind as usize];
        (column != NO_COLUMN).then_some(column)
    }

    pub(super) fn set_column(&mut self, id: NodeId, kind: ValueKind, column: Option<u32>) {
        self.nodes[id as usize].columns[kind as usize] = column.unwrap_or(NO_COLUMN);
    }

    /// The name of the path from the row down to the node.
    pub(super) fn name(&self, id: NodeId) -> MetricName {
        let key = MetricName::from_key(self.key(&self.nodes[id as usize]));
        match self.nodes[id as usize].parent {
            ROOT => key,
            parent => MetricName::from_stored(format!("{}.{key}", self.name(parent))),
        }
    }

    fn key(&self, node: &Node) -> &str {
        &self.keys[node.key_start as usize..node.key_end as usize]
    }

    fn is(&self, id: NodeId, parent: NodeId, key: &str) -> bool {
        let node = &self.nodes[id as usize];
        node.parent == parent && self.key(node) == key
    }

    fn find_or_insert(&mut self, parent: NodeId, key: &str) -> NodeId {
        let mut slot = self.slot(parent, key);
        while self.slots[slot] != 0 {
            let id = self.slots[slot] - 1;
            if self.is(id, parent, key) {
                return id;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        let id = self.nodes.len() as u32;
        let key_start = self.keys.len() as u32;
        self.keys.push_str(key);
        self.nodes.push(Node {
            parent,
            key_start,
            key_end: self.keys.len() as u32,
            attempt: 0,
            place: u32::MAX - 1,
            columns: [NO_COLUMN; ValueKind::ALL.len()],
        });
        self.slots[slot] = id + 1;
        if self.nodes.len() * 2 > self.slots.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for (index, node) in self.nodes.iter().enumerate() {
            let mut slot = self.slot(node.parent, self.key(node));
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = index as u32 + 1;
        }
    }

    /// Where the search for a key starts: a folded multiplication over eight bytes at a time.
    fn slot(&self, parent: NodeId, key: &str) -> usize {
        const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
        let fold = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            (product as u64) ^ ((product >> 64) as u64)
        };
        let length = (u64::from(parent) << 32) | key.len() as u64;
        let mut hash = fold(self.seed ^ length, MULTIPLIER);
        for bytes in key.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            hash = fold(hash ^ u64::from_le_bytes(word), MULTIPLIER ^ self.seed);
        }
        hash as usize & (self.slots.len() - 1)
    }
}
