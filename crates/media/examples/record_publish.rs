//! Serves one RTMP publish on loopback and writes what the encoder sent to a file, byte for byte.
//!
//! `cargo run -p media --example record_publish -- OUTPUT [PORT]`, then point an encoder at the printed address. This is
//! how the captures in `testdata/` were made.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use media::rtmp::{Config, Event, Input, Output, Session};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file_name = arguments.next().ok_or("usage: record_publish OUTPUT [PORT]")?;
    let port: u16 = arguments.next().as_deref().unwrap_or("0").parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    eprintln!("rtmp://{}/app/KEY", listener.local_addr()?);
    let (mut socket, _) = listener.accept()?;
    let mut session = Session::new(Config::default(), [7; 1528]);
    let mut recorded = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let (mut frames, mut is_open) = (0, true);
    let mut result = Ok(());
    while is_open && result.is_ok() {
        let length = socket.read(&mut buffer)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        recorded.extend_from_slice(bytes);
        is_open = length > 0;
        // A recording needs no deadlines, so its clock stands still.
        result = session.handle_input(Duration::ZERO, Input::Bytes(bytes));
        while let Some(output) = session.poll_output() {
            match output {
                Output::Send(bytes) => socket.write_all(&bytes)?,
                Output::Event(Event::PublishRequested { .. }) => {
                    result = result.and(session.handle_input(Duration::ZERO, Input::AcceptPublish));
                }
                Output::Event(Event::Frame(_)) => frames += 1,
                Output::Event(event) => eprintln!("{event:?}"),
                Output::WaitUntil(_) => {}
                Output::Close => is_open = false,
            }
        }
    }
    eprintln!("{frames} frames, {} bytes, {:?}", recorded.len(), session.counters());
    std::fs::write(file_name, recorded)?;
    Ok(result?)
}
