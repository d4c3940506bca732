//! Every single change to a good request is refused.

use http::{HeaderValue, Request, StatusCode};

use crate::signer::{LIST, good};
use crate::support::{InProcess, SECRET_KEY};

#[tokio::test]
async fn every_single_change_to_a_good_request_is_refused() {
    let server = InProcess::start().await;
    assert_eq!(server.send(good()).await.status, StatusCode::OK);
    let mut count = 0;
    for (what, request) in mutations() {
        let answer = server.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {}", answer.text);
        assert!(!answer.text.contains(SECRET_KEY));
        count += 1;
    }
    assert!(count >= 30, "{count} mutations");
}

fn mutations() -> Vec<(&'static str, Request<String>)> {
    let mut list = Vec::new();
    let mut with = |what, change: &dyn Fn(&mut Request<String>)| {
        let mut request = good();
        change(&mut request);
        list.push((what, request));
    };
    with("another path", &|r| *r.uri_mut() = "/ListStreams".parse().unwrap());
    with("a query", &|r| *r.uri_mut() = "/ListChannels?a=b".parse().unwrap());
    with("one byte of the body", &|r| *r.body_mut() = LIST.replace('5', "6"));
    with("no body", &|r| r.body_mut().clear());
    with("a longer body", &|r| r.body_mut().push(' '));
    with("another host", &|r| set(r, "host", "example.com"));
    with("no host", &|r| drop(r.headers_mut().remove("host")));
    with("a second host", &|r| append(r, "host", "127.0.0.1:4566"));
    with("another content type", &|r| set(r, "content-type", "text/plain"));
    with("no content type", &|r| drop(r.headers_mut().remove("content-type")));
    with("a second content type", &|r| {
        append(r, "content-type", "application/json")
    });
    with("another second", &|r| {
        edit(r, "x-amz-date", |text| text.replace("20Z", "21Z"))
    });
    with("another day", &|r| {
        edit(r, "x-amz-date", |text| text.replace("20231114", "20231115"))
    });
    with("a date in another form", &|r| {
        set(r, "x-amz-date", "2023-11-14T22:13:20Z")
    });
    with("no date", &|r| drop(r.headers_mut().remove("x-amz-date")));
    with("a second date", &|r| edit_append(r, "x-amz-date"));
    with("an unsigned amazon header", &|r| {
        set(r, "x-amz-target", "IVS.CreateChannel")
    });
    with("a session token", &|r| set(r, "x-amz-security-token", "token"));
    with("a wrong body hash", &|r| {
        set(r, "x-amz-content-sha256", &"0".repeat(64))
    });
    with("an unsigned payload", &|r| {
        set(r, "x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    });
    with("no authorization", &|r| drop(r.headers_mut().remove("authorization")));
    with("a second authorization", &|r| edit_append(r, "authorization"));
    with("presigned parameters", &|r| {
        *r.uri_mut() = "/ListChannels?X-Amz-Signature=0".parse().unwrap()
    });
    let edits: [(&str, &str, &str); 17] = [
        ("another scheme", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
        ("a bearer token", "AWS4-HMAC-SHA256 ", "Bearer "),
        ("another key id", "AKIDTEST", "AKIDTESU"),
        ("an empty key id", "AKIDTEST", ""),
        ("another scope day", "/20231114/", "/20231113/"),
        ("a short scope day", "/20231114/", "/202311/"),
        ("another region", "/eu-west-1/", "/eu-west-2/"),
        ("an empty region", "/eu-west-1/", "//"),
        ("another service", "/ivs/", "/ivschat/"),
        ("another terminator", "/aws4_request", "/aws5_request"),
        ("one scope part more", "/aws4_request", "/x/aws4_request"),
        ("a signed header less", "content-type;host;", "host;"),
        (
            "a signed header that is absent",
            "content-type;host;",
            "accept;content-type;host;",
        ),
        (
            "signed headers out of order",
            "content-type;host;",
            "host;content-type;",
        ),
        ("a signed header twice", "content-type;host;", "content-type;host;host;"),
        ("an uppercase signed header", "content-type;host;", "Content-Type;host;"),
        ("an unknown part", "Signature=", "Extra=1, Signature="),
    ];
    for (what, from, to) in edits {
        with(what, &|r| edit(r, "authorization", |text| text.replacen(from, to, 1)));
    }
    with("no signature", &|r| {
        edit(r, "authorization", |text| {
            text.split(", Signature=").next().unwrap().to_owned()
        })
    });
    with("a short signature", &|r| {
        edit(r, "authorization", |text| text[..text.len() - 1].to_owned())
    });
    with("an uppercase signature", &|r| {
        edit(r, "authorization", |text| {
            let (start, signature) = text.split_once("Signature=").unwrap();
            format!("{start}Signature={}", signature.to_uppercase())
        });
    });
    with("one digit of the signature", &|r| {
        edit(r, "authorization", |text| {
            let last = if text.ends_with('0') { '1' } else { '0' };
            format!("{}{last}", &text[..text.len() - 1])
        });
    });
    with("hundreds of signed headers", &|r| {
        let many: String = (0..300).map(|number| format!("x{number:03};")).collect();
        edit(r, "authorization", |text| {
            text.replace(";x-amz-date", &format!(";x-amz-date;{many}y"))
        });
    });
    with("the signature twice", &|r| {
        edit(r, "authorization", |text| format!("{text}, Signature=00"))
    });
    list
}

fn set(request: &mut Request<String>, name: &'static str, value: &str) {
    request
        .headers_mut()
        .insert(name, HeaderValue::from_str(value).unwrap());
}

fn append(request: &mut Request<String>, name: &'static str, value: &str) {
    request
        .headers_mut()
        .append(name, HeaderValue::from_str(value).unwrap());
}

pub fn edit(request: &mut Request<String>, name: &'static str, change: impl Fn(String) -> String) {
    let old = request.headers()[name].to_str().unwrap().to_owned();
    let new = change(old.clone());
    assert_ne!(old, new, "the mutation changes nothing");
    set(request, name, &new);
}

fn edit_append(request: &mut Request<String>, name: &'static str) {
    let value = request.headers()[name].clone();
    request.headers_mut().append(name, value);
}
