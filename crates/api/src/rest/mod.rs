//! One file per area: the types of its JSON, its handlers, and what the document says about them.

pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod money;
pub(crate) mod time;
pub(crate) mod video;
