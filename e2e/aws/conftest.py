"""A running server, named by the environment, and what every client's checks share.

AWS_ENDPOINT_URL_IVS, AWS_ENDPOINT_URL_IVSCHAT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION say where it is;
ROSTRUM_RTMP_URL (for instance rtmp://127.0.0.1:1935/app/) is where ffmpeg publishes. No check reads anything else of the
server, so they run against Amazon as well, apart from the ones that need plain RTMP.
"""

import contextlib
import os
import subprocess
import time

import boto3
import pytest

# A stream is live about two seconds after the first picture; a busy machine takes longer.
PATIENCE_S = 30


@pytest.fixture(scope="session")
def ivs():
    os.environ.setdefault("AWS_DEFAULT_REGION", os.environ.get("AWS_REGION", "us-east-1"))
    return boto3.client("ivs")


@pytest.fixture(scope="session")
def chat():
    os.environ.setdefault("AWS_DEFAULT_REGION", os.environ.get("AWS_REGION", "us-east-1"))
    return boto3.client("ivschat")


@pytest.fixture
def rooms(chat):
    """Makes chat rooms and removes them after the test."""
    made = []

    def make(**members):
        created = chat.create_room(**members)
        made.append(created["arn"])
        return created

    yield make
    for arn in made:
        with contextlib.suppress(chat.exceptions.ResourceNotFoundException):
            chat.delete_room(identifier=arn)


@pytest.fixture
def channels(ivs):
    """Makes channels, with their keys, and removes them after the test."""
    made = []

    def make(**members):
        created = ivs.create_channel(**members)
        made.append(created["channel"]["arn"])
        return created

    yield make
    for arn in made:
        remove(ivs, arn)


def remove(ivs, arn):
    with contextlib.suppress(ivs.exceptions.ResourceNotFoundException):
        with contextlib.suppress(ivs.exceptions.ChannelNotBroadcasting):
            ivs.stop_stream(channelArn=arn)
        ivs.delete_channel(arn=arn)


@contextlib.contextmanager
def encoder(stream_key):
    """ffmpeg, publishing a moving picture with sound to the stream key."""
    url = os.environ["ROSTRUM_RTMP_URL"].rstrip("/") + "/" + stream_key
    process = subprocess.Popen(
        ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin"]
        + ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"]
        + ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
        + ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30", "-c:a", "aac"]
        + ["-f", "flv", url]
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(question, what):
    """The first answer of `question` that is not None."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = question()
        if answer is not None:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE_S} s for {what}")


def live_stream(ivs, arn):
    """The stream of the channel, once it is live."""

    def ask():
        try:
            return ivs.get_stream(channelArn=arn)["stream"]
        except ivs.exceptions.ChannelNotBroadcasting:
            return None

    return until(ask, f"{arn} to go live")
