"""What is on tapes beside songs: tuning, crowd, talk, breaks. Plain English, for any band."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segue.live.titles.keys import soft_words


def _plain(text: str) -> list[str]:
    return text.split()


def _words(text: str) -> frozenset[str]:
    """The words as they are written, and as they are compared."""
    words = text.split()
    return frozenset((*words, *soft_words(words)))


ALWAYS = _words(
    """tuning tunings tune tuneup tunin retuning crowd crowds audience applause applauds cheer cheers cheering clapping
    banter banters announcement announcements announcer announces announcing announce intro intros introduction
    introductions introduces introducing introduce outro interview interviews commentary chatter chat talk talks
    talking speech speaks speaking spoken conversation dialogue noodle noodles noodling noodlings soundcheck setbreak
    intermission interlude silence pause delay delays joke jokes story stories rap raps poem reading recitation rant
    announcemnts annoucement annoucements applause ovation difficulties problems trouble troubles repair repairs
    malfunction equipment technical monitor monitors microphone microphones commercial commercials
    advertisement ad id station dj radio broadcast emcee mc host newscast welcome thanks thank birthday
    dedication requests request plea pleas warning warnings false tease teases teasing warmup count countdown
    changeover changes setup set break encore encores dead air test preset preshow postshow leader tape flip filler
    fanfare noise noises room ambience ambient house music discussion discusses chitchat comments comment remarks
    monologue rapping stalling farewell goodbyes closing opening opener curtain call exit exits broken busted fade
    fadeout fadein"""
)
"""Words that name what is no song; a title made of these and of `FILL` alone is no song."""

STRONG = frozenset(
    _plain(
        """tuning tunings tuneup tunin retuning crowd audience applause banter announcement announcements announcer announces
    introduction introductions introduces introducing introduced intro intros interview interviews commentary chatter
    chat talk talks talking noodle noodles noodling soundcheck intermission setbreak joke jokes story stories rap raps
    speech difficulties problems repair repairs equipment technical monitor monitors microphone cheering commercial
    advertisement radio emcee announcemnts annoucement annoucements discussion monologue countdown birthday tease
    teases conversation outro warmup dialogue chitchat tuned collage silence stalling says asks tells tries
    paging requests plea welcome thanks thank dj instrumental instrumentals improvisation solo"""
    )
)
"""Words that make a title no song where no song is found in it."""

_LONG = sorted(word for word in STRONG if len(word) >= 6)

FILL = _words(
    """the a an and or of to in on for by from with w at before after during between into over under up out off as is it its
    s stage band more some long short brief quiet loud little bit bits pre post between end ending begin beginning
    start starts 1 2 3 4 5 6 7 8 9 10 one two three four i ii iii instrument instruments guitar bass drum piano etc
    misc various string strings broken breaks new old mic mics pa power live show concert night evening good please we
    you are be right back first second third final last next part pt take no not n t d noise sound sounds song songs
    songlets people tuning"""
)
"""Words that say nothing either way."""

QUALIFIERS = _words(
    """jam reprise reprised take takes false start starts attempt attempts aborted abandoned intro introduction outro part pt
    end ending ends finish finale conclusion continued cont contd con continuation version versions instrumental
    acoustic electric incomplete partial fragment fragments cut cuts fade fades in out rehearsal practice verse verses
    chorus vs coda theme prelude crowd banter applause encore set opener closer closing opening only first second
    third last final time 1 2 3 4 5 6 7 8 9 10 11 12 a b c d i ii iii iv one two three four with w and the of into
    then to from on sbd aud mtx matrix fm patch patched source soundboard audience mono stereo vocals vocal sans no
    without beginning begins medley segue return returns again alternate alt slow fast early late long short full
    complete whole entire mix remix remaster middle section bridge solo interlude tail lead missing splice spliced
    reel tape flip side disc cd track run through runthrough multiple many several work works up show live is for at
    bit bits some more that by bass guitar piano organ harmonica harp sax horns keyboards x refrain refrains suite"""
)
"""Words that may stand beside the name of a song and leave it that song."""

SPEECH_AFTER = _words("tuning tunings tease teases noodle noodling interview story joke")
"""Directly behind the name of a song these make it a title of something else."""

NAMELESS = re.compile(
    r"(?:track|title|untitled|unknown|song|audio|side|disc|cd|tape|reel|part|[a-z])?\d*|unknown(?:title|song|track)?"
)
"""Loose keys of titles that name nothing: Track 05, Untitled."""
_SAID = re.compile(
    r"""\A\s*["“”„«].*["“”»]\s*[.!?]*\s*\Z|\A\s*[A-Za-z][A-Za-z. ]{0,24}:\s*(?:.*["“”?!].*|)\Z""", re.DOTALL
)
_BROKEN = re.compile(r"\b(?:broken?|busted|breaks?|snapped) (?:\w+ )?strings?\b", re.IGNORECASE)


def is_all_nonsong(words: Sequence[str]) -> bool:
    """Whether every word is one of `ALWAYS` or `FILL`, and at least one of `ALWAYS`."""
    named = False
    for word in words:
        if word in ALWAYS:
            named = True
        elif word not in FILL and not word.isdigit():
            return False
    return named


def has_nonsong(words: Sequence[str]) -> bool:
    """Whether a word tells that this is no song. Asked where no song was found."""
    return any(word in STRONG for word in words)


def nearly_has_nonsong(words: Sequence[str]) -> bool:
    """`has_nonsong` with a slip of the keyboard in a word of six letters and more."""
    long = [word for word in words if len(word) >= 6]
    if not long:
        return False
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    for word in long:
        hit = process.extractOne(word, _LONG, scorer=OSA.distance, score_cutoff=1)
        if hit is not None and hit[0][0] == word[0]:
            return True
    return False


def is_speech(text: str) -> bool:
    """Whether it is what somebody says, all of it in quotation marks or a name and a colon with a remark, or what happens."""
    return bool(_SAID.match(text) or _BROKEN.search(text))
