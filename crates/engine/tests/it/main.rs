//! The media plane from outside: encoders at one end, players at the other.

mod broadcast;
mod delivery;
mod ffmpeg;
mod hostile;
mod listeners;
mod low_latency;
mod reconnect;
mod support;
