//! Purpose, invariants and where to start reading: see below.
