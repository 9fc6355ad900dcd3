//! The door of the wandb client.
