//! On a clock that moves by itself, over pipes in memory.

use tokio::io::duplex;

use super::*;
use crate::Rng;

const MS: Duration = Duration::from_millis(1);

/// Runs `bytes` through a pump, written in pieces that `cuts` chooses. Gives what arrived, with the time of each read.
async fn carry(bytes: &[u8], line: Line, seed: u64, mut cuts: Rng) -> (Vec<u8>, Vec<(Duration, usize)>) {
    let (mut sender, near) = duplex(64 * 1024);
    let (far, mut receiver) = duplex(64 * 1024);
    let (_phase, watched) = watch::channel(Phase {
        line,
        ..Phase::default()
    });
    let progress = Progress::default();
    let began = Instant::now();
    let pump = Pump {
        shaper: Shaper::new(Rng::new(seed)),
        phase: watched,
        progress: &progress,
        is_upstream: true,
        began,
        queue: Queue::default(),
    };
    let send = async {
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = usize::try_from(1 + cuts.below(5_000)).unwrap().min(rest.len());
            let (piece, after) = rest.split_at(length);
            sender.write_all(piece).await.unwrap();
            rest = after;
        }
        sender.shutdown().await.unwrap();
    };
    let receive = async {
        let (mut got, mut times) = (Vec::new(), Vec::new());
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = receiver.read(&mut buffer).await.unwrap();
            if count == 0 {
                return (got, times);
            }
            got.extend_from_slice(&buffer[..count]);
            times.push((began.elapsed(), got.len()));
        }
    };
    let (done, (), received) = tokio::join!(pump.run(near, far), send, receive);
    done.unwrap();
    assert_eq!(progress.written(), u64::try_from(bytes.len()).unwrap());
    received
}

fn noise(length: usize) -> Vec<u8> {
    let mut rng = Rng::new(99);
    (0..length).map(|_| u8::try_from(rng.below(256)).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn bytes_arrive_unaltered_in_order_and_once_on_every_line() {
    let bytes = noise(300_000);
    let bad = Line {
        delay: 50 * MS,
        jitter: 40 * MS,
        loss_per_mille: 100,
        retransmission: 200 * MS,
        bytes_per_second: Some(100_000),
    };
    for line in [Line::default(), bad, Line { delay: MS, ..bad }] {
        for seed in 0..8 {
            let (got, _) = carry(&bytes, line, seed, Rng::new(seed + 100)).await;
            assert!(got == bytes, "altered by {line:?} with seed {seed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_is_as_slow_as_it_says() {
    let line = Line {
        bytes_per_second: Some(50_000),
        delay: 100 * MS,
        ..Line::default()
    };
    let (_, times) = carry(&noise(200_000), line, 1, Rng::new(1)).await;
    let (took, _) = *times.last().unwrap();
    assert!((4_095 * MS..=4_110 * MS).contains(&took), "{took:?}");
    // At no time more than the rate allows, and the line is never idle.
    for (at, total) in times {
        let sent = at.saturating_sub(100 * MS).as_secs_f64() * 50_000.0;
        let total = total as f64;
        assert!(
            (sent - 3_000.0..=sent + 3_000.0).contains(&total),
            "{total} of {sent} at {at:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_stalls_at_the_same_bytes_however_they_are_written() {
    let line = Line {
        loss_per_mille: 100,
        retransmission: 300 * MS,
        ..Line::default()
    };
    let bytes = noise(150_000);
    let stalls = async |seed, cuts| {
        let (_, times) = carry(&bytes, line, seed, Rng::new(cuts)).await;
        let mut arrived = std::collections::BTreeMap::new();
        for (at, total) in times {
            arrived.insert(at, total);
        }
        arrived
    };
    // On a paused clock everything without a stall arrives in one moment, so the moments are the stalls.
    assert!(stalls(5, 1).await.len() > 1);
    assert_eq!(stalls(5, 1).await, stalls(5, 2).await);
    assert_ne!(stalls(5, 1).await, stalls(6, 1).await);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_does_not_read_stops_the_sender() {
    let (mut sender, near) = duplex(1_024);
    let (far, receiver) = duplex(1_024);
    let (_phase, watched) = watch::channel(Phase::default());
    let progress = Progress::default();
    let pump = Pump {
        shaper: Shaper::new(Rng::new(1)),
        phase: watched,
        progress: &progress,
        is_upstream: true,
        began: Instant::now(),
        queue: Queue::default(),
    };
    let flood = async {
        let mut taken = 0;
        loop {
            taken += sender.write(&[7; 1_024]).await.unwrap();
            assert!(taken <= QUEUE_BYTES_MAX + 64 * 1_024, "{taken} bytes wait in the proxy");
        }
    };
    tokio::select! {
        done = pump.run(near, far) => unreachable!("{done:?}"),
        () = flood => {}
        () = tokio::time::sleep(Duration::from_secs(60)) => {}
    }
    assert_eq!(progress.written(), 1_024);
    drop(receiver);
}

#[tokio::test(start_paused = true)]
async fn silence_keeps_what_waits_and_a_gate_opens_at_its_byte() {
    let (mut sender, near) = duplex(64 * 1024);
    let (far, mut receiver) = duplex(64 * 1024);
    let closed = Phase {
        gate: 1_000,
        ..Phase::default()
    };
    let (phase, watched) = watch::channel(closed);
    let progress = Progress::default();
    let pump = Pump {
        shaper: Shaper::new(Rng::new(1)),
        phase: watched,
        progress: &progress,
        is_upstream: true,
        began: Instant::now(),
        queue: Queue::default(),
    };
    let bytes = noise(5_000);
    let story = async {
        sender.write_all(&bytes).await.unwrap();
        progress.reached(1_000).await;
        let mut got = vec![0; 1_000];
        receiver.read_exact(&mut got).await.unwrap();
        let more = tokio::time::timeout(Duration::from_secs(5), receiver.read_u8()).await;
        assert!(more.is_err(), "the gate is shut");
        phase.send_replace(Phase {
            is_silent: true,
            ..Phase::default()
        });
        let more = tokio::time::timeout(Duration::from_secs(5), receiver.read_u8()).await;
        assert!(more.is_err(), "silence");
        phase.send_replace(Phase::default());
        sender.shutdown().await.unwrap();
        receiver.read_to_end(&mut got).await.unwrap();
        assert!(got == bytes);
    };
    let (done, ()) = tokio::join!(pump.run(near, far), story);
    done.unwrap();
}
