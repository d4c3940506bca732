"""OBS Studio publishes to an auction; viewers find H.264 and AAC; stopping it ends the broadcast."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import boto3
import pytest
from studio import Studio, eventually

BASE = os.environ["BASE_URL"]


def call(method, path, body=None, token=None):
    request = urllib.request.Request(BASE + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def auction():
    account = {"email": f"obs-{os.getpid()}@example.com", "password": "correct horse battery", "name": "OBS"}
    try:
        token = call("POST", "/api/auth/register", account)["access_token"]
    except urllib.error.HTTPError:
        token = call("POST", "/api/auth/login", account)["access_token"]
    listing = {"title": "OBS", "starting_bid": 100, "duration": 600}
    return call("POST", "/api/auctions", listing, token)


def video(auction):
    return call("GET", f"/api/auctions/{auction['auction_id']}")["video"]["state"]


def probed(url):
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url],
        capture_output=True, text=True, timeout=60)
    assert probe.returncode == 0, probe.stderr
    return sorted(set(probe.stdout.split()))


def test_obs_publishes_over_rtmp(auction):
    server, key = auction["rtmp_url"].rsplit("/", 1)
    with Studio(server + "/", key) as studio:
        eventually("the auction is live", lambda: video(auction) == "live")
        assert probed(auction["ivs_playback_url"]) == ["aac", "h264"], studio.said()
        stream = boto3.client("ivs").get_stream(channelArn=auction["ivs_channel_arn"])["stream"]
        assert (stream["state"], stream["health"]) == ("LIVE", "HEALTHY")
        studio.stop()
    eventually("the auction is no longer live", lambda: video(auction) != "live")


def test_obs_is_told_that_the_key_is_wrong(auction):
    server, _ = auction["rtmp_url"].rsplit("/", 1)
    with Studio(server + "/", "sk_us-east-1_wrong_key") as studio:
        # OBS logs the library's verdict on NetStream.Publish.BadName.
        eventually("OBS gives up", lambda: "BadName" in studio.said() or "failed: -3" in studio.said())
    assert video(auction) == "waiting"
