"""The methods behind which Segue has nothing yet.

Where "there is none" is the truth, that is the answer, in the shape apps expect; everything else fails with a sentence.
Either way it is an answer: apps take an HTTP error for a broken server.
"""

from __future__ import annotations

from typing import Any

from segue.subsonic.call import Call, Handler, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import Code, Fault, NotHere

_EMPTY: dict[str, tuple[str, Any]] = {
    "getVideos": ("videos", {}),
    "getShares": ("shares", {}),
    "getPodcasts": ("podcasts", {}),
    "getNewestPodcasts": ("newestPodcasts", {}),
    "getInternetRadioStations": ("internetRadioStations", {}),
    "getChatMessages": ("chatMessages", {}),
}

_NOTHING_TO_DO = ("refreshPodcasts",)
"""Methods that succeed on an empty set."""

_NONE_OF: dict[str, tuple[str, str]] = {
    "getVideoInfo": ("id", "video"),
    "getCaptions": ("id", "video"),
    "updateShare": ("id", "share"),
    "deleteShare": ("id", "share"),
    "getPodcastEpisode": ("id", "podcast episode"),
    "deletePodcastChannel": ("id", "podcast channel"),
    "deletePodcastEpisode": ("id", "podcast episode"),
    "downloadPodcastEpisode": ("id", "podcast episode"),
    "updateInternetRadioStation": ("id", "radio station"),
    "deleteInternetRadioStation": ("id", "radio station"),
}
"""Methods about one thing of a kind of which there is none: the parameter that names it, and the kind."""

_NOT_OFFERED: dict[str, str] = {
    "hls.m3u8": "Segue does not offer HLS; use stream.",
    "getTranscodeDecision": "Segue plays files as they are and offers no transcoding decisions; use stream.",
    "getTranscodeStream": "Segue plays files as they are and offers no transcoded streams; use stream.",
    "reportPlayback": "Segue does not take playback reports; use scrobble.",
    "createShare": "Segue does not offer shares.",
    "createPodcastChannel": "Segue does not offer podcasts.",
    "createInternetRadioStation": "Segue does not keep radio stations.",
    "jukeboxControl": "Segue does not play through the server's own speakers.",
    "addChatMessage": "Segue does not offer a chat.",
    "createUser": "Accounts are managed in Segue's own settings or with `segue user`, not through this protocol.",
    "updateUser": "Accounts are managed in Segue's own settings or with `segue user`, not through this protocol.",
    "deleteUser": "Accounts are managed in Segue's own settings or with `segue user`, not through this protocol.",
    "changePassword": "Passwords are changed in Segue's own settings, not through this protocol.",
}


def _empty(name: str, value: Any) -> Handler:
    async def handle(_call: Call) -> Reply:
        return Reply(name, value)

    return handle


async def _done(_call: Call) -> Reply:
    return Reply()


def _none_of(parameter: str, what: str) -> Handler:
    async def handle(call: Call) -> Reply:
        raise NotHere(what, call.parameters.required(parameter))

    return handle


def _not_offered(sentence: str) -> Handler:
    async def handle(_call: Call) -> Reply:
        raise Fault(Code.GENERIC, sentence)

    return handle


METHODS: dict[str, Method] = {
    **{name: Method(_empty(*about)) for name, about in _EMPTY.items()},
    **{name: Method(_done) for name in _NOTHING_TO_DO},
    **{name: Method(_none_of(*about)) for name, about in _NONE_OF.items()},
    **{name: Method(_not_offered(sentence)) for name, sentence in _NOT_OFFERED.items()},
}
