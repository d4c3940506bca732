//! LL-HLS and fMP4: rules of the playlist, of the fragments, and what real readers make of both.

mod checker;
mod fragments;
mod origin;
mod players;
mod properties;
mod source;
mod stories;
mod tracks;
