"""An encoder whose connection dies every few seconds, for minutes: one broadcast, a playlist that never goes back, media that can be fetched, memory that stays."""

import json
import os
import random
import subprocess
import time
import urllib.error
import urllib.request
from urllib.parse import urljoin

BASE = os.environ["BASE_URL"]
SECONDS = int(os.environ.get("SOAK_SECONDS", "30"))
# What a stream may add to the process: its window, connections and caches, several times over.
GROWTH_KIB_MAX = 64 * 1024


def fetch(url, method="GET", body=None, token=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def resident_kib():
    with open(f"/proc/{os.environ['SERVER_PID']}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def encoder(url):
    return subprocess.Popen(
        ["ffmpeg", "-v", "quiet", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30",
         "-f", "lavfi", "-i", "sine", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30",
         "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", url])


def eventually(what, condition):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"still not: {what}")


def playlist(auction):
    """The media playlist's address, once there is one."""
    try:
        lines = fetch(auction["ivs_playback_url"]).decode().splitlines()
    except urllib.error.HTTPError:
        return None
    return urljoin(auction["ivs_playback_url"], next(line for line in lines if line and not line.startswith("#")))


def test_a_broadcast_survives_a_bad_line():
    account = {"email": f"soak-{os.getpid()}@example.com", "password": "correct horse battery", "name": "Soak"}
    token = json.loads(fetch(f"{BASE}/api/auth/register", "POST", account))["access_token"]
    listing = {"title": "Soak", "starting_bid": 1, "duration": SECONDS + 600}
    auction = json.loads(fetch(f"{BASE}/api/auctions", "POST", listing, token))
    dice = random.Random(7)
    process = encoder(auction["rtmp_url"])
    try:
        media = eventually("there is a playlist", lambda: playlist(auction))
        before, sequence, cuts, fetched = resident_kib(), -1, 0, 0
        end, cut_at = time.monotonic() + SECONDS, time.monotonic() + 8
        while time.monotonic() < end:
            lines = fetch(media).decode().splitlines()
            now = next(int(line.split(":")[1]) for line in lines if line.startswith("#EXT-X-MEDIA-SEQUENCE"))
            assert now >= sequence, f"the media sequence went back from {sequence} to {now}"
            assert "#EXT-X-ENDLIST" not in lines, "the broadcast ended"
            sequence = now
            segments = [line for line in lines if line.endswith(".m4s")]
            assert fetch(urljoin(media, segments[-1])), "a listed segment is empty"
            fetched += 1
            if time.monotonic() > cut_at:
                process.kill()
                process.wait()
                cuts += 1
                time.sleep(dice.uniform(0, 5))
                process = encoder(auction["rtmp_url"])
                cut_at = time.monotonic() + dice.uniform(4, 12)
            time.sleep(0.2)
        state = json.loads(fetch(f"{BASE}/api/auctions/{auction['auction_id']}/state"))["video"]
        assert state["state"] in ("live", "interrupted"), state
        assert state["stream_id"] in media, "a reconnect within the window is the same stream"
        growth = resident_kib() - before
        print(f"\n{cuts} cuts, {fetched} segments fetched, media sequence {sequence}, memory grew by {growth} KiB")
        assert cuts > 0 and growth < GROWTH_KIB_MAX
    finally:
        process.kill()
        process.wait()
    fetch(f"{BASE}/api/auctions/{auction['auction_id']}/close", "POST", {}, token)
