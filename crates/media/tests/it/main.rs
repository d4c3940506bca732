//! Everything that needs files beside the code: captures of real encoders and the fuzz corpus.

mod captures;
mod corpus;
