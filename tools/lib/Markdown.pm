#
# Markdown.pm - what the site needs to know of Markdown: links, headings, quotes
#
# The files are Markdown as a code host shows it. Sphinx reads them; what it
# cannot know is changed before: where links lead, and what comments of their
# own line ask for. Whoever calls says how, in %$how, by the comment's word:
#
#     <!-- example: examples/groups.c#name -->
#
# becomes $how->{example}->('examples/groups.c#name'); a link [text](href)
# becomes $how->{link}->('text', 'href'), with ! before the text of a picture.
#
package Markdown;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(rewritten anchors escaped fenced);

my $FENCE = qr/^(?:```+|~~~+)/;
my $SPAN = qr/(`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)\g{-1}(?!`)/s;
my $IN_LINK = qr/(?:[^\[\]`]|`[^`]*`)*/;

sub rewritten {
    my ($text, $how) = @_;
    my $made = '';
    for (parts($text)) {
        my ($is_code, $part) = @$_;
        $made .= $is_code ? $part : prose($part, $how);
    }
    return $made;
}

# [is code, text], ...: fences apart from what is around them.
sub parts {
    my ($text) = @_;
    my @parts = [0, ''];
    my $open;
    for (split /^/, $text =~ tr/\r//dr) {
        if (!$open && /$FENCE/) {
            $open = $&;
            push @parts, [1, ''];
        } elsif ($open && /^\Q$open\E\s*$/) {
            $parts[-1][1] .= $_;
            push @parts, [0, ''];
            $open = undef;
            next;
        }
        $parts[-1][1] .= $_;
    }
    return @parts;
}

sub prose {
    my ($text, $how) = @_;
    my $picture_or_link = qr/(?<words>!?\[$IN_LINK\])\((?<href>[^)\s]+)\)/;
    $text =~ s{^<!--[ ](?<word>\w+):[ ](?<asked>\S[^\n]*?)[ ]-->$
        |(?<kept>$SPAN|^<!--.*?-->)|$picture_or_link}
        {changed($&, $how, %+)}gsmxe;
    return $text;
}

sub changed {
    my ($text, $how, %is) = @_;
    return $how->{link}->($is{words}, $is{href}) if defined $is{href};
    return $text if defined $is{kept} || !$how->{$is{word}};
    return $how->{$is{word}}->($is{asked});
}

# The anchors of a text's headings, as code hosts make them.
sub anchors {
    my ($text) = @_;
    my (%count, @found);
    for (grep { !$_->[0] } parts($text)) {
        while ($_->[1] =~ /^#{1,6} +(.*?)[ #]*$/mg) {
            my $anchor = lc $1 =~ s/\[([^\]]*)\]\([^)]*\)/$1/gr;
            $anchor =~ s/[^\w\- ]//g;
            $anchor =~ tr/ /-/;
            my $n = $count{$anchor}++;
            push @found, $n ? "$anchor-$n" : $anchor;
        }
    }
    return @found;
}

# Plain text, so that it is shown as it is.
sub escaped {
    my ($text) = @_;
    $text =~ s/([\\`*_\[\]<>#|~&])/\\$1/g;
    return $text =~ s/^([-+]|\d+(?=[.)]))/\\$1/r =~ s/^\\(\d+)/$1\\/r;
}

# Code, with a caption of Markdown or none.
sub fenced {
    my ($code, $language, $caption) = @_;
    my $option = defined $caption ? ":caption: $caption\n" : '';
    $code =~ s/\s*\z/\n/;
    return "`````{code-block} $language\n$option\n$code`````\n";
}

1;
