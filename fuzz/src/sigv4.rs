//! The signature gate of the Amazon IVS API: any request, of which the fuzzer knows all but the secret.

use http::request::{Builder, Parts};
use http::{HeaderName, HeaderValue, Request};
use ivs::fuzzing::{BYTES_MORE, BYTES_PER_BYTE, Reach, canonical_query, canonical_request, reach};

/// A request as text: its path and query, one header a line, an empty line, the body.
pub fn sigv4_authorization(data: &[u8]) {
    let Some((parts, body)) = request(data) else {
        return;
    };
    assert_ne!(reach(&parts, body), Reach::In, "let in without the secret");
    let query = canonical_query(parts.uri.query().unwrap_or_default());
    assert_eq!(
        canonical_query(&query),
        query,
        "a canonical query is its own canonical form"
    );
    let Some(canonical) = canonical_request(&parts) else {
        return;
    };
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    let given: usize = parts.uri.to_string().len() + headers.sum::<usize>();
    assert!(
        canonical.len() <= given * BYTES_PER_BYTE + BYTES_MORE,
        "{} bytes",
        canonical.len()
    );
    // Method, path, query, and behind the headers an empty line, their names and the hash.
    assert!(canonical.lines().count() >= 6 && canonical.lines().nth(2) == Some(query.as_str()));
}

fn request(data: &[u8]) -> Option<(Parts, &[u8])> {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut read = lines.next()?.len() + 1;
    let mut builder: Builder = Request::post(&data[..read - 1]);
    for line in lines {
        read += line.len() + 1;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        builder = builder.header(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
    }
    let (parts, ()) = builder.body(()).ok()?.into_parts();
    Some((parts, data.get(read..).unwrap_or_default()))
}
