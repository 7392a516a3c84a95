//! The scene world: everything Segue knows about meaning without a network.
