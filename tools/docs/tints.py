"""Colours of code: few, and the same kinds in the light and in the dark."""

from pygments.style import Style
from pygments.token import (
    Comment,
    Error,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
)


def styles(text, comment, word, name, string, number):
    return {
        Token: text,
        Comment: comment,
        Comment.Preproc: word,
        Comment.PreprocFile: string,
        Keyword: word,
        Keyword.Type: word,
        Operator.Word: word,
        Name.Function: name,
        Name.Class: name,
        Name.Decorator: name,
        String: string,
        Number: number,
        Generic.Prompt: comment,
        Error: text,
    }


class Light(Style):
    background_color = "#f6f5f1"
    styles = styles(
        "#22242a", "#75664b", "#8a2a6b", "#0b5494", "#1f6330", "#8f4300"
    )


class Dark(Style):
    background_color = "#1d1f25"
    styles = styles(
        "#dddee3", "#a8987a", "#dd9fc6", "#86baf2", "#93cba0", "#eeb27a"
    )
