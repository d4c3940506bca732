"""OBS Studio without a person in front of it: a profile in a folder of its own, on a display of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PROFILE = """\
[General]
Name=story
[Video]
BaseCX=640
BaseCY=360
OutputCX=640
OutputCY=360
FPSCommon=30
[Output]
Mode=Simple
Reconnect=true
RetryDelay=1
MaxRetries=3
[SimpleOutput]
VBitrate=1500
StreamEncoder=x264
Preset=ultrafast
ABitrate=128
"""

GLOBAL = """\
[General]
FirstRun=true
LastVersion=486539266
EnableAutoUpdates=false
[Basic]
Profile=story
ProfileDir=story
SceneCollection=story
SceneCollectionFile=story
ConfigOnNewProfile=false
[BasicWindow]
WarnBeforeStartingStream=false
WarnBeforeStoppingStream=false
"""

SCENES = {
    "name": "story",
    "current_scene": "Scene",
    "current_program_scene": "Scene",
    "scene_order": [{"name": "Scene"}],
    "sources": [
        {"id": "scene", "name": "Scene", "settings": {"items": [
            {"name": "Colour", "id": 1, "visible": True, "scale": {"x": 1.0, "y": 1.0}},
        ]}},
        {"id": "color_source", "versioned_id": "color_source_v3", "name": "Colour",
         "settings": {"color": 0xFF3080E0, "width": 640, "height": 360}},
    ],
}


class Studio:
    """OBS publishing to one server from `start` until `stop`."""

    def __init__(self, server: str, key: str):
        self.home = Path(tempfile.mkdtemp(prefix="obs-story-"))
        config = self.home / ".config" / "obs-studio"
        profile = config / "basic" / "profiles" / "story"
        scenes = config / "basic" / "scenes"
        profile.mkdir(parents=True)
        scenes.mkdir(parents=True)
        (config / "global.ini").write_text(GLOBAL)
        (profile / "basic.ini").write_text(PROFILE)
        (profile / "service.json").write_text(json.dumps(
            {"type": "rtmp_custom", "settings": {"server": server, "key": key, "use_auth": False}}))
        (scenes / "story.json").write_text(json.dumps(SCENES))
        self.processes = []

    def __enter__(self):
        display = self._display()
        environment = {**os.environ, "HOME": str(self.home), "DISPLAY": display, "XDG_RUNTIME_DIR": str(self.home),
                       "LIBGL_ALWAYS_SOFTWARE": "1", "QT_QPA_PLATFORM": "xcb"}
        environment.pop("XDG_CONFIG_HOME", None)
        self.log = (self.home / "obs.log").open("w")
        self.processes.append(subprocess.Popen(
            ["obs", "--startstreaming", "--multi", "--disable-updater", "--disable-shutdown-check",
             "--minimize-to-tray", "--profile", "story", "--collection", "story", "--scene", "Scene"],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT))
        return self

    def _display(self):
        """Starts Xvfb on a display number that it picks itself."""
        readable, writable = os.pipe()
        self.processes.append(subprocess.Popen(
            ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x720x24", "-nolisten", "tcp"],
            pass_fds=[writable], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        os.close(writable)
        with os.fdopen(readable) as pipe:
            return f":{pipe.readline().strip()}"

    def stop(self):
        """Ends OBS as closing its window does."""
        obs = self.processes[-1]
        obs.send_signal(signal.SIGINT)
        try:
            obs.wait(15)
        except subprocess.TimeoutExpired:
            obs.kill()
            obs.wait()

    def said(self) -> str:
        """Everything OBS logged."""
        self.log.flush()
        return (self.home / "obs.log").read_text(errors="replace")

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)


def eventually(what, condition, patience=60):
    """Asks again until the condition gives something; fails with what it waited for."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"still not: {what}")
