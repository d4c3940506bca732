//! What the two ends of a connection are told.

use std::io::ErrorKind;
use std::time::Duration;

use impair::{Change, Line, Plan, Proxy, Rng, Step, Totals, When};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Generous for a loaded machine; every wait ends as soon as its condition holds.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing must happen to be called silence.
const SILENCE: Duration = Duration::from_millis(300);

struct Ends {
    proxy: Proxy,
    client: TcpStream,
    server: TcpStream,
}

/// A connection through a proxy whose first connection has these steps.
async fn connect(steps: Vec<Step>) -> Ends {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plan = Plan {
        seed: 1,
        connections: vec![steps],
    };
    let proxy = Proxy::start(listener.local_addr().unwrap(), plan).await.unwrap();
    let client = TcpStream::connect(proxy.address()).await.unwrap();
    let (server, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    Ends { proxy, client, server }
}

fn sent(bytes: u64, change: Change) -> Vec<Step> {
    vec![Step {
        when: When::Sent(bytes),
        change,
    }]
}

fn noise(length: usize) -> Vec<u8> {
    let mut rng = Rng::new(7);
    (0..length).map(|_| u8::try_from(rng.below(256)).unwrap()).collect()
}

/// Everything that arrives, and how it ends.
async fn read_all(socket: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut got = Vec::new();
    let read = timeout(PATIENCE, socket.read_to_end(&mut got)).await.unwrap();
    (got, read.err().map(|error| error.kind()))
}

#[tokio::test]
async fn both_ways_are_carried_and_each_end_may_finish_first() {
    let Ends {
        proxy,
        mut client,
        mut server,
    } = connect(Vec::new()).await;
    let bytes = noise(2_000_000);
    let (there, back) = (bytes.clone(), bytes.clone());
    let talk = async {
        client.write_all(&there).await.unwrap();
        client.shutdown().await.unwrap();
        read_all(&mut client).await
    };
    let answer = async {
        // The client has finished, the server has not: half a connection is carried as well.
        let heard = read_all(&mut server).await;
        server.write_all(&back).await.unwrap();
        server.shutdown().await.unwrap();
        heard
    };
    let (told, heard) = tokio::join!(talk, answer);
    assert!(told == (bytes.clone(), None) && heard == (bytes, None));
    let over = async {
        while proxy.totals().over == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, over).await.unwrap();
    assert_eq!(proxy.totals(), Totals { accepted: 1, over: 1 });
}

#[tokio::test]
async fn a_finish_in_the_middle_of_a_message_comes_at_its_byte() {
    let Ends {
        proxy: _proxy,
        mut client,
        mut server,
    } = connect(sent(70_001, Change::Finish)).await;
    let bytes = noise(100_000);
    // More than may pass: the rest is lost, whoever wrote it was not told.
    client.write_all(&bytes).await.unwrap();
    let (got, end) = read_all(&mut server).await;
    assert_eq!((got.len(), end), (70_001, None));
    assert!(got == bytes[..70_001]);
    drop(server);
    let (got, end) = read_all(&mut client).await;
    assert_eq!((got.len(), end), (0, None), "in good order");
}

#[tokio::test]
async fn a_reset_is_told_to_both_ends() {
    let Ends {
        proxy: _proxy,
        mut client,
        mut server,
    } = connect(sent(10, Change::Reset)).await;
    client.write_all(&noise(100)).await.unwrap();
    let (got, end) = read_all(&mut server).await;
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    assert!(got.len() <= 10);
    assert_eq!(read_all(&mut client).await.1, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn an_end_that_breaks_is_broken_for_the_other_one() {
    let Ends {
        proxy: _proxy,
        client,
        mut server,
    } = connect(Vec::new()).await;
    client.set_zero_linger().unwrap();
    drop(client);
    assert_eq!(read_all(&mut server).await.1, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn of_a_half_open_connection_only_the_client_knows() {
    let Ends {
        proxy,
        mut client,
        mut server,
    } = connect(sent(5, Change::HalfOpen)).await;
    client.write_all(b"hello, server").await.unwrap();
    assert_eq!(read_all(&mut client).await.1, Some(ErrorKind::ConnectionReset));
    let mut got = [0; 5];
    server.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"hello");
    assert!(timeout(SILENCE, server.read_u8()).await.is_err(), "nobody says goodbye");
    server.write_all(b"are you there?").await.unwrap();
    drop(proxy);
    assert!(read_all(&mut server).await.0.is_empty(), "the proxy held it");
}

#[tokio::test]
async fn nothing_passes_a_black_hole_until_it_ends() {
    let Ends {
        proxy,
        mut client,
        mut server,
    } = connect(sent(5, Change::Silence)).await;
    client.write_all(b"hello, server").await.unwrap();
    server.write_all(b"hello, client").await.unwrap();
    let mut got = [0; 5];
    server.read_exact(&mut got).await.unwrap();
    assert!(timeout(SILENCE, server.read_u8()).await.is_err());
    proxy.apply(Change::Line(Line::default()));
    let mut rest = [0; 8];
    timeout(PATIENCE, server.read_exact(&mut rest)).await.unwrap().unwrap();
    assert_eq!(&rest, b", server");
    let mut heard = [0; 13];
    timeout(PATIENCE, client.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"hello, client");
}

#[tokio::test]
async fn each_connection_has_its_own_steps_and_those_after_the_last_are_clean() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plan = Plan {
        seed: 1,
        connections: vec![sent(1, Change::Finish), sent(3, Change::Finish)],
    };
    let proxy = Proxy::start(listener.local_addr().unwrap(), plan).await.unwrap();
    let mut lengths = Vec::new();
    for _ in 0..3 {
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.write_all(b"hello").await.unwrap();
        let _ = client.shutdown().await;
        lengths.push(read_all(&mut server).await.0.len());
    }
    assert_eq!(lengths, [1, 3, 5]);
}

#[tokio::test]
async fn who_looks_for_a_server_that_is_gone_finds_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let proxy = Proxy::start(address, Plan::clean()).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(read_all(&mut client).await.1, Some(ErrorKind::ConnectionReset));
}
