//! The canonical request: the text both sides hash.
//!
//! For every service but S3 each path segment is URI-encoded once more, on top of what stands on the wire (`%3A` becomes
//! `%253A`). Query parameters are decoded, encoded strictly and sorted.

use http::request;

use crate::error::ApiError;

use super::credentials::incomplete;

/// A canonical request holds at most this many bytes for each byte of the URI and of the headers (`%` becomes `%25`) …
pub const BYTES_PER_BYTE: usize = 3;
/// … and these: the method, the payload hash, line ends. `engine::http` bounds the headers of a request.
pub const BYTES_MORE: usize = 256;

/// The canonical request of `parts` with the named headers.
///
/// # Errors
/// `IncompleteSignatureException` when a signed header is absent, repeated or not text.
pub fn request(parts: &request::Parts, signed_headers: &[String], payload_hash: &str) -> Result<String, ApiError> {
    let mut text = String::with_capacity(512);
    text.push_str(parts.method.as_str());
    text.push('\n');
    encode(parts.uri.path().as_bytes(), b"/", &mut text);
    text.push('\n');
    text.push_str(&query(parts.uri.query().unwrap_or_default()));
    text.push('\n');
    for name in signed_headers {
        text.push_str(name);
        text.push(':');
        text.push_str(&header(parts, name)?);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed_headers.join(";"));
    text.push('\n');
    text.push_str(payload_hash);
    Ok(text)
}

/// The value of the header that is given exactly once: trimmed, inner white space collapsed.
fn header(parts: &request::Parts, name: &str) -> Result<String, ApiError> {
    let mut values = parts.headers.get_all(name).iter();
    let value = match (values.next(), parts.uri.authority()) {
        (Some(value), _) => value
            .to_str()
            .map_err(|_| incomplete(&format!("the header '{name}' is not ASCII text")))?,
        // HTTP/2 carries the host in `:authority`.
        (None, Some(authority)) if name == "host" => authority.as_str(),
        (None, _) => return Err(incomplete(&format!("the signed header '{name}' is absent"))),
    };
    if values.next().is_some() {
        return Err(incomplete(&format!(
            "the signed header '{name}' is given more than once"
        )));
    }
    Ok(value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

/// The canonical form of a query; its own canonical form.
pub fn query(raw: &str) -> String {
    let mut pairs: Vec<(String, String)> = pairs(raw)
        .map(|(name, value)| {
            let [mut encoded_name, mut encoded_value] = [String::new(), String::new()];
            encode(&name, b"", &mut encoded_name);
            encode(&value, b"", &mut encoded_value);
            (encoded_name, encoded_value)
        })
        .collect();
    pairs.sort_unstable();
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// The name and value of each query parameter, percent-decoded. A `+` is a plus.
pub fn pairs(raw: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Percent-decodes; a `%` without two hexadecimal digits stands for itself.
pub fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let digits = bytes.get(index + 1..index + 3).filter(|_| byte == b'%');
        match digits.and_then(|digits| Some((hex(digits[0])? << 4) | hex(digits[1])?)) {
            Some(value) => {
                decoded.push(value);
                index += 3;
            }
            None => {
                decoded.push(byte);
                index += 1;
            }
        }
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters and those of `keep`.
fn encode(bytes: &[u8], keep: &[u8], text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') || keep.contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_encoded_and_sorted() {
        assert_eq!(
            query("tagKeys=k%202%26%3d&tagKeys=a&a=%7e"),
            "a=~&tagKeys=a&tagKeys=k%202%26%3D"
        );
        assert_eq!(query("b&&a=1=2"), "a=1%3D2&b=");
    }

    #[test]
    fn a_broken_escape_stands_for_itself() {
        assert_eq!(decode("%4"), b"%4");
        assert_eq!(decode("%zz%41"), b"%zzA");
    }
}
