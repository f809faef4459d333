"""The numbers by which old MP3 tags name genres, as in "(17)" (ID3v1, and Winamp's from 80 on)."""

from __future__ import annotations

import re

_ID3V1 = """
    Blues, Classic Rock, Country, Dance, Disco, Funk, Grunge, Hip-Hop, Jazz, Metal, New Age,
    Oldies, Other, Pop, R&B, Rap, Reggae, Rock, Techno, Industrial, Alternative, Ska, Death
    Metal, Pranks, Soundtrack, Euro-Techno, Ambient, Trip-Hop, Vocal, Jazz+Funk, Fusion, Trance,
    Classical, Instrumental, Acid, House, Game, Sound Clip, Gospel, Noise, Alternative Rock,
    Bass, Soul, Punk, Space, Meditative, Instrumental Pop, Instrumental Rock, Ethnic, Gothic,
    Darkwave, Techno-Industrial, Electronic, Pop-Folk, Eurodance, Dream, Southern Rock, Comedy,
    Cult, Gangsta Rap, Top 40, Christian Rap, Pop/Funk, Jungle, Native American, Cabaret, New
    Wave, Psychedelic, Rave, Showtunes, Trailer, Lo-Fi, Tribal, Acid Punk, Acid Jazz, Polka,
    Retro, Musical, Rock & Roll, Hard Rock, Folk, Folk Rock, National Folk, Swing, Fast Fusion,
    Bebop, Latin, Revival, Celtic, Bluegrass, Avantgarde, Gothic Rock, Progressive Rock,
    Psychedelic Rock, Symphonic Rock, Slow Rock, Big Band, Chorus, Easy Listening, Acoustic,
    Humour, Speech, Chanson, Opera, Chamber Music, Sonata, Symphony, Booty Bass, Primus, Porn
    Groove, Satire, Slow Jam, Club, Tango, Samba, Folklore, Ballad, Power Ballad, Rhythmic Soul,
    Freestyle, Duet, Punk Rock, Drum Solo, A Cappella, Euro-House, Dance Hall
"""
NAMES = tuple(" ".join(name.split()) for name in _ID3V1.split(","))
_NUMBER = re.compile(r"\((\d{1,3})\)|^\s*(\d{1,3})\s*$")


def spell_out(tag: str) -> str:
    """`tag` with numbers replaced by names: "(17)" and "17" by "Rock", "(4)Eurodisco" by both."""
    return _NUMBER.sub(_name, tag)


def _name(match: re.Match[str]) -> str:
    number = int(match[1] or match[2])
    return f"{NAMES[number]};" if number < len(NAMES) else ""
