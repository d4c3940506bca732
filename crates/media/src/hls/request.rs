//! Delivery directives of a playlist request (RFC 8216bis §6.2.5) and when such a request can be answered.

/// Longest query that is read. Three directives with 20 digits need less than 100 bytes; the rest is room for a token.
pub const QUERY_BYTES_MAX: usize = 1_024;

/// Why a request is refused with status 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The query is longer than [`QUERY_BYTES_MAX`].
    #[error("query longer than {QUERY_BYTES_MAX} bytes")]
    QueryTooLong,
    /// A directive's value is not a decimal integer that fits 64 bits, or `_HLS_skip` is neither `YES` nor `v2`.
    #[error("bad value of {0}")]
    BadValue(&'static str),
    /// A directive was given twice.
    #[error("{0} given twice")]
    Repeated(&'static str),
    /// `_HLS_part` without `_HLS_msn` (RFC 8216bis §6.2.5.2).
    #[error("_HLS_part without _HLS_msn")]
    PartWithoutMsn,
}

/// The delivery directives of one request; all absent for a player without low latency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BlockingRequest {
    /// `_HLS_msn`: wait until this segment is in the playlist.
    pub msn: Option<u64>,
    /// `_HLS_part`: wait only until this part of `msn` is in the playlist.
    pub part: Option<u64>,
    /// `_HLS_skip`: a delta update is welcome.
    pub skip: bool,
}

impl BlockingRequest {
    /// Reads the raw query of a URI, without the question mark. Other members are ignored.
    ///
    /// Errors: answer 400.
    pub fn parse(query: &str) -> Result<Self, Error> {
        if query.len() > QUERY_BYTES_MAX {
            return Err(Error::QueryTooLong);
        }
        let (mut msn, mut part, mut skip) = (None, None, None);
        for member in query.split('&') {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            match name {
                "_HLS_msn" => set(&mut msn, "_HLS_msn", number(value))?,
                "_HLS_part" => set(&mut part, "_HLS_part", number(value))?,
                "_HLS_skip" => set(&mut skip, "_HLS_skip", matches!(value, "YES" | "v2").then_some(true))?,
                _ => {}
            }
        }
        if part.is_some() && msn.is_none() {
            return Err(Error::PartWithoutMsn);
        }
        Ok(Self {
            msn,
            part,
            skip: skip.unwrap_or(false),
        })
    }
}

/// What a request is judged against: the newest end of a playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveEdge {
    /// The segment that is being filled, or the next one when none is.
    pub open_msn: u64,
    /// Complete parts of that segment.
    pub open_parts: u64,
    /// How many parts ahead a client may ask (RFC 8216bis §6.2.5.2, Advance Part Limit).
    pub parts_ahead_max: u64,
    /// True after the end of the stream: nothing is worth waiting for.
    pub ended: bool,
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The playlist already contains what was asked for.
    Now,
    /// Hold the request and decide again at the next change. `None` waits for the whole segment.
    WaitFor(u64, Option<u64>),
    /// The client asks for something too far away: status 400.
    BadRequest,
}

/// Decides a request. Pure; call it again whenever the live edge moved.
pub fn decide(edge: &LiveEdge, request: &BlockingRequest) -> Answer {
    let Some(msn) = request.msn else { return Answer::Now };
    if edge.ended || msn < edge.open_msn {
        return Answer::Now;
    }
    // The newest complete segment is `open_msn - 1`; two ahead of it is the last that may be asked for.
    if msn - edge.open_msn > 1 {
        return Answer::BadRequest;
    }
    let Some(part) = request.part else {
        return Answer::WaitFor(msn, None);
    };
    let parts_there = if msn == edge.open_msn { edge.open_parts } else { 0 };
    if part < parts_there {
        return Answer::Now;
    }
    if part - parts_there > edge.parts_ahead_max {
        return Answer::BadRequest;
    }
    Answer::WaitFor(msn, Some(part))
}

fn set<T>(slot: &mut Option<T>, name: &'static str, value: Option<T>) -> Result<(), Error> {
    if slot.is_some() {
        return Err(Error::Repeated(name));
    }
    *slot = Some(value.ok_or(Error::BadValue(name))?);
    Ok(())
}

fn number(value: &str) -> Option<u64> {
    // `u64::from_str` accepts a leading plus sign, a decimal-integer does not.
    value
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| value.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(msn: u64, part: Option<u64>) -> BlockingRequest {
        BlockingRequest {
            msn: Some(msn),
            part,
            skip: false,
        }
    }

    #[test]
    fn directives_are_read_and_strangers_ignored() {
        let parsed = BlockingRequest::parse("token=abc&_HLS_msn=273&_HLS_part=2&_HLS_skip=YES&x").unwrap();
        assert_eq!(
            parsed,
            BlockingRequest {
                msn: Some(273),
                part: Some(2),
                skip: true
            }
        );
        assert_eq!(BlockingRequest::parse("").unwrap(), BlockingRequest::default());
        assert!(BlockingRequest::parse("_HLS_skip=v2").unwrap().skip);
        assert_eq!(
            BlockingRequest::parse("_HLS_msn=18446744073709551615").unwrap().msn,
            Some(u64::MAX)
        );
    }

    #[test]
    fn malformed_directives_are_refused() {
        for (query, error) in [
            ("_HLS_part=1", Error::PartWithoutMsn),
            ("_HLS_msn=", Error::BadValue("_HLS_msn")),
            ("_HLS_msn", Error::BadValue("_HLS_msn")),
            ("_HLS_msn=+1", Error::BadValue("_HLS_msn")),
            ("_HLS_msn=-1", Error::BadValue("_HLS_msn")),
            ("_HLS_msn=18446744073709551616", Error::BadValue("_HLS_msn")),
            ("_HLS_msn=1&_HLS_msn=1", Error::Repeated("_HLS_msn")),
            ("_HLS_msn=1&_HLS_part=x", Error::BadValue("_HLS_part")),
            ("_HLS_skip=no", Error::BadValue("_HLS_skip")),
        ] {
            assert_eq!(BlockingRequest::parse(query), Err(error), "{query}");
        }
        assert_eq!(
            BlockingRequest::parse(&"a".repeat(QUERY_BYTES_MAX)),
            Ok(BlockingRequest::default())
        );
        assert_eq!(
            BlockingRequest::parse(&"a".repeat(QUERY_BYTES_MAX + 1)),
            Err(Error::QueryTooLong)
        );
    }

    #[test]
    fn requests_wait_only_for_the_near_future() {
        let edge = LiveEdge {
            open_msn: 10,
            open_parts: 3,
            parts_ahead_max: 15,
            ended: false,
        };
        for (msn, part, answer) in [
            (9, None, Answer::Now),
            (9, Some(99), Answer::Now),
            (10, None, Answer::WaitFor(10, None)),
            (10, Some(2), Answer::Now),
            (10, Some(3), Answer::WaitFor(10, Some(3))),
            (10, Some(18), Answer::WaitFor(10, Some(18))),
            (10, Some(19), Answer::BadRequest),
            (11, Some(0), Answer::WaitFor(11, Some(0))),
            (11, None, Answer::WaitFor(11, None)),
            (12, None, Answer::BadRequest),
            (u64::MAX, Some(u64::MAX), Answer::BadRequest),
        ] {
            assert_eq!(decide(&edge, &request(msn, part)), answer, "{msn} {part:?}");
        }
        assert_eq!(decide(&edge, &BlockingRequest::default()), Answer::Now);
        let ended = LiveEdge { ended: true, ..edge };
        assert_eq!(decide(&ended, &request(u64::MAX, None)), Answer::Now);
    }
}
