//! Bugs that the simulated servers can be given.

/// What is wrong with the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers as soon as the batch is judged.
    AnswersBeforeCommit,
    /// Does not wait for the row lock: the last writer wins.
    TakesNoLock,
    /// Judges by what it remembers of its last batch.
    JudgesByMemory,
    /// Reads from what it remembers of its last batch.
    ReadsFromMemory,
    /// Does not remember idempotency keys.
    ForgetsKeys,
    /// Remembers the key, but answers with the state of now.
    AnswersAnew,
    /// Gives each client of a batch its neighbour's answer.
    MixesAnswers,
    /// Dies between the row and the entries of one batch.
    CommitsHalf,
    /// Says that it is too busy, and carries the command out nevertheless.
    RefusesAndActs,
    /// Stamps commands with the time of the last entry, so that none is late.
    StopsTheClock,
    /// Announces the end at every run of the close job.
    AnnouncesTwice,
    /// Lets the close job end the auction before its time.
    ClosesEarly,
    /// Extends once more than agreed.
    ExtendsOnceMore,
    /// Takes half the increment.
    TakesHalfTheIncrement,
    /// Carries retractions out on the history only.
    IgnoresRetractions,
}

impl Fault {
    /// Every one.
    pub const ALL: [Self; 15] = [
        Self::AnswersBeforeCommit,
        Self::TakesNoLock,
        Self::JudgesByMemory,
        Self::ReadsFromMemory,
        Self::ForgetsKeys,
        Self::AnswersAnew,
        Self::MixesAnswers,
        Self::CommitsHalf,
        Self::RefusesAndActs,
        Self::StopsTheClock,
        Self::AnnouncesTwice,
        Self::ClosesEarly,
        Self::ExtendsOnceMore,
        Self::TakesHalfTheIncrement,
        Self::IgnoresRetractions,
    ];
}
