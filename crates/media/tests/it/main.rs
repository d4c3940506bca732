//! Tests through the public surface: captures of real encoders, the fuzz corpus, HLS with its players.

#[cfg(test)]
mod captures;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod hls;
