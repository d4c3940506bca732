//! Everything that needs files beside the code: captures of real encoders and the fuzz corpus.

#[cfg(test)]
mod captures;
#[cfg(test)]
mod corpus;
