//! With a shell script in place of ffmpeg: real children, and a clock that stands still unless it is moved.

use std::path::PathBuf;

use super::*;
use crate::ErrorKind;

const JPEG: &str = "printf '\\377\\330picture\\377\\331'";

struct Story {
    thumbnails: Thumbnails,
    folder: tempfile::TempDir,
}

impl Story {
    /// `script` runs as ffmpeg would; it finds its folder in `$HERE`.
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ffmpeg.sh");
        let here = folder.path().display();
        std::fs::write(&file, format!("HERE={here}\n{script}\n")).unwrap();
        let program = Program {
            name: "sh".into(),
            first: vec![file.into()],
        };
        Self {
            thumbnails: Thumbnails::of(program),
            folder,
        }
    }

    async fn newest(&self, stream_id: &str) -> Result<Bytes, Error> {
        self.thumbnails.newest(stream_id, "http://localhost/x.m3u8").await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How many children there were.
    fn runs(&self) -> usize {
        std::fs::read_to_string(self.file("runs")).map_or(0, |text| text.lines().count())
    }
}

fn detail(result: Result<Bytes, Error>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unavailable { .. }), "{error:?}");
    error.detail.unwrap()
}

/// Waits until a file says so; the children live by the real clock.
async fn eventually(mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), wait).await.unwrap();
}

#[tokio::test]
async fn a_picture_is_made_once_and_kept_for_its_stream() {
    let story = Story::new(&format!("echo run >> $HERE/runs; {JPEG}"));
    let many = (0..10).map(|_| story.newest("st-1"));
    for picture in futures_util::future::join_all(many).await {
        assert_eq!(&picture.unwrap()[..], b"\xff\xd8picture\xff\xd9");
    }
    assert_eq!(story.runs(), 1);
    story.newest("st-2").await.unwrap();
    assert_eq!(story.runs(), 2, "another stream has a picture of its own");
}

#[tokio::test]
async fn an_old_picture_is_shown_while_the_next_is_made() {
    let story = Story::new(&format!("echo run >> $HERE/runs; {JPEG}"));
    story.newest("st-1").await.unwrap();
    tokio::time::pause();
    tokio::time::advance(KEPT).await;
    tokio::time::resume();
    for _ in 0..5 {
        story.newest("st-1").await.unwrap();
    }
    eventually(|| story.runs() == 2).await;
    let stream = story.thumbnails.0.stream("st-1");
    eventually(|| stream.made(KEPT, KEPT).is_some()).await;
    story.newest("st-1").await.unwrap();
    assert_eq!(story.runs(), 2);
}

#[tokio::test]
async fn two_at_once_and_no_more() {
    // Each child says that it is there and waits until the test lets it go.
    let story = Story::new(&format!(
        "echo run >> $HERE/runs; while [ ! -e $HERE/go ]; do sleep 0.02; done; {JPEG}"
    ));
    let streams = ["st-1", "st-2", "st-3", "st-4"];
    let all = futures_util::future::join_all(streams.map(|stream| story.newest(stream)));
    let watch = async {
        eventually(|| story.runs() == TURNS).await;
        // A third would have started by now.
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(story.runs(), TURNS);
        std::fs::write(story.file("go"), "").unwrap();
    };
    let (pictures, ()) = tokio::join!(all, watch);
    assert!(pictures.iter().all(Result::is_ok));
    assert_eq!(story.runs(), 4);
}

#[tokio::test]
async fn what_goes_wrong_is_said_and_believed_for_a_while() {
    let story = Story::new("echo run >> $HERE/runs; echo 'no such stream' >&2; exit 3");
    for _ in 0..3 {
        let said = detail(story.newest("st-1").await);
        assert!(said.contains("no such stream"), "{said}");
    }
    assert_eq!(story.runs(), 1);
    tokio::time::pause();
    tokio::time::advance(FAILURE_KEPT).await;
    tokio::time::resume();
    detail(story.newest("st-1").await);
    assert_eq!(story.runs(), 2);

    let half = Story::new("printf '\\377\\330half a picture'");
    assert!(detail(half.newest("st-1").await).contains("gave no picture"));
    let flood = Story::new("head -c 600000 /dev/zero");
    assert!(detail(flood.newest("st-1").await).contains("524288 bytes"));
    let missing = Thumbnails::of(Program {
        name: "no-such-ffmpeg".into(),
        first: Vec::new(),
    });
    assert!(detail(missing.newest("st-1", "http://localhost/").await).contains("cannot be run"));
}

#[tokio::test]
async fn the_child_sees_nothing_of_our_environment() {
    let story = Story::new(&format!("env | cut -d= -f1 | sort > $HERE/seen; {JPEG}"));
    story.newest("st-1").await.unwrap();
    let seen = std::fs::read_to_string(story.file("seen")).unwrap();
    let ours: Vec<_> = seen
        .lines()
        // What the shell adds itself.
        .filter(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name))
        .collect();
    assert_eq!(ours, ["PATH"]);
}

#[tokio::test]
async fn a_child_that_hangs_is_killed() {
    let story = Story::new("echo $$ > $HERE/pid; exec sleep 600");
    let asking = story.newest("st-1");
    let hurry = async {
        eventually(|| std::fs::read_to_string(story.file("pid")).is_ok_and(|pid| pid.ends_with('\n'))).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(8)).await;
        tokio::time::resume();
    };
    let (answer, ()) = tokio::join!(asking, hurry);
    assert!(detail(answer).contains("took longer"));
    let pid = std::fs::read_to_string(story.file("pid")).unwrap();
    let process = PathBuf::from(format!("/proc/{}/cmdline", pid.trim()));
    eventually(|| std::fs::read(&process).map_or(true, |line| line.is_empty())).await;
}
