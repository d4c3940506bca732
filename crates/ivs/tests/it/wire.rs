//! Signed requests as bytes on a socket, because clients and proxies write headers in many ways.

use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::signer::{JSON, LIST, Signer};
use crate::support::{Server, config, environment};

/// The status line of the answer to these bytes.
async fn status(server: &Server, bytes: &str) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

fn written(request: &Request<String>, line: impl Fn(&str, &str) -> String) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text.push_str(&line(name.as_str(), value.to_str().unwrap()));
    }
    text + &format!(
        "content-length: {}\r\nconnection: close\r\n\r\n{}",
        request.body().len(),
        request.body()
    )
}

#[tokio::test]
async fn the_case_and_spacing_of_headers_do_not_count_and_doubles_do() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let now = Signer {
        at_ms: (environment().now_ms)(),
        ..Signer::default()
    };
    let agent = ("x-amz-user-agent", "one two");
    let request = now.sign("POST", "/ListChannels", &[JSON, agent], LIST);
    let plain = |name: &str, value: &str| format!("{name}: {value}\r\n");
    assert_eq!(status(&server, &written(&request, plain)).await, "HTTP/1.1 200 OK");
    let shouted = |name: &str, value: &str| format!("{}:\t  {value} \r\n", name.to_uppercase());
    assert_eq!(status(&server, &written(&request, shouted)).await, "HTTP/1.1 200 OK");
    let spaced = |name: &str, value: &str| format!("{name}: {}\r\n", value.replace("one two", "one   two"));
    assert_eq!(status(&server, &written(&request, spaced)).await, "HTTP/1.1 200 OK");

    // An obsolete line fold (RFC 9112 §5.2) means different values to different readers.
    let folded = |name: &str, value: &str| format!("{name}: {}\r\n", value.replace("one two", "one\r\n two"));
    assert_eq!(
        status(&server, &written(&request, folded)).await,
        "HTTP/1.1 400 Bad Request"
    );
    for double in [
        "host",
        "authorization",
        "x-amz-date",
        "content-type",
        "x-amz-user-agent",
    ] {
        let twice = |name: &str, value: &str| {
            let line = format!("{name}: {value}\r\n");
            if name == double { line.repeat(2) } else { line }
        };
        let answer = status(&server, &written(&request, twice)).await;
        assert_eq!(answer, "HTTP/1.1 403 Forbidden", "{double}");
    }
    let absolute = written(&request, plain).replacen("POST /", "POST http://example.com/", 1);
    assert_eq!(
        status(&server, &absolute).await,
        "HTTP/1.1 200 OK",
        "the Host header is what is signed"
    );
}
