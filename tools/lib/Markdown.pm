#
# Markdown.pm - the part of Markdown that the guide is written in, as HTML
#
# Headings, paragraphs, fenced and indented code, lists, tables, quotes and
# rules; in a line `code`, *emphasis*, **strong**, [text](link),
# ![text](picture) and <address>.
# A comment of its own line quotes an example, so that it cannot go stale:
#
#     <!-- example: examples/groups.c#name -->
#
# The caller says how code, links and examples become HTML: markdown($text,
# {code => sub ($text, $language), word => sub ($code), link => sub ($href),
# example => sub ($path, $region)}).
#
package Markdown;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(markdown inline_html text_html slug);

my $ITEM = qr/^(\s*)([-*+]|\d+[.)])(\s+)(?=\S)/;

sub markdown {
    my ($text, $how) = @_;
    $text =~ s/\r//g;
    return blocks($how, split /\n/, $text);
}

sub text_html {
    my ($text) = @_;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    $text =~ s/>/&gt;/g;
    $text =~ s/"/&quot;/g;
    return $text;
}

sub slug {
    my ($text) = @_;
    $text = lc $text =~ s/<[^>]*>|&\w+;|[`*]//gr;
    $text =~ s/[^a-z0-9_]+/-/g;
    $text =~ s/^-|-$//g;
    return $text;
}

sub blocks {
    my ($how, @lines) = @_;
    my $html = '';
    while (@lines) {
        my $line = $lines[0];
        if ($line =~ /^\s*$/) {
            shift @lines;
        } elsif ($line =~ /^```/) {
            $html .= fence($how, \@lines);
        } elsif ($line =~ /^ {4}/) {
            my @code = map { s/^ {4}//r } take(\@lines, qr/^ {4}|^\s*$/);
            $html .= $how->{code}->(join("\n", @code) =~ s/\s*\z/\n/r, '');
        } elsif ($line =~ /^<!--/) {
            $html .= comment($how, \@lines);
        } elsif ($line =~ /^(#{1,4}) +(.*?)[ #]*$/) {
            $html .= heading($how, length $1, $2);
            shift @lines;
        } elsif ($line =~ /^(?:-{3,}|\*{3,})$/) {
            $html .= "<hr>\n";
            shift @lines;
        } elsif ($line =~ /^\|/) {
            $html .= table($how, take(\@lines, qr/^\|/));
        } elsif ($line =~ /^>/) {
            my @quote = map { s/^> ?//r } take(\@lines, qr/^>/);
            $html .= '<blockquote>' . blocks($how, @quote) . "</blockquote>\n";
        } elsif ($line =~ $ITEM) {
            $html .= list($how, \@lines);
        } else {
            $html .= paragraph($how, \@lines);
        }
    }
    return $html;
}

# Takes the lines from the front that match.
sub take {
    my ($lines, $pattern) = @_;
    my @taken;
    push @taken, shift @$lines while @$lines && $lines->[0] =~ $pattern;
    return @taken;
}

sub fence {
    my ($how, $lines) = @_;
    my ($language) = shift(@$lines) =~ /^```\s*(\w*)/;
    my @code = take($lines, qr/^(?!```)/);
    shift @$lines;
    return $how->{code}->(join("\n", @code) . "\n", $language);
}

sub comment {
    my ($how, $lines) = @_;
    my $text = shift @$lines;
    $text .= "\n" . shift @$lines while $text !~ /-->/ && @$lines;
    return $text =~ /^<!-- example: ([^\s#]+)(?:#(\S+))? -->$/
        ? $how->{example}->($1, $2) : '';
}

sub heading {
    my ($how, $level, $text) = @_;
    my $id = slug($text);
    return "<h$level id=\"$id\">" . inline_html($text, $how) . "</h$level>\n";
}

sub table {
    my ($how, $head, $rule, @rows) = @_;
    my $html = "<div class=\"wide\"><table>\n<thead>"
        . row($how, 'th', $head) . "</thead>\n<tbody>\n";
    $html .= row($how, 'td', $_) . "\n" for @rows;
    return "$html</tbody></table></div>\n";
}

sub row {
    my ($how, $cell, $line) = @_;
    $line =~ s/^\|\s*|\s*\|\s*$//g;
    my @cells = map { s/\\\|/|/gr } split /\s*(?<!\\)\|\s*/, $line, -1;
    return '<tr>' . join('', map { "<$cell>" . inline_html($_, $how)
        . "</$cell>" } @cells) . '</tr>';
}

# An item goes on with what is indented as far as its text.
sub list {
    my ($how, $lines) = @_;
    my ($margin, $kind) = item($lines->[0]);
    my $html = "<$kind>\n";
    while (@$lines) {
        my ($its_margin, $its_kind, $indent) = item($lines->[0]);
        last if !$its_kind || $its_kind ne $kind || $its_margin != $margin;
        my @item = (substr shift @$lines, $indent);
        while (@$lines && goes_on($lines, $indent, @item)) {
            push @item, shift(@$lines) =~ s/^ {0,$indent}//r;
        }
        my $inside = blocks($how, @item);
        $inside =~ s{\A<p>((?:(?!</?p>).)*)</p>\n}{$1}s
            if !grep { /^\s*$/ } @item;
        $html .= "<li>$inside</li>\n";
        shift @$lines while @$lines > 1 && $lines->[0] =~ /^\s*$/
            && $lines->[1] =~ $ITEM;
    }
    return "$html</$kind>\n";
}

# How far a list's item is indented, its kind, and where its text begins.
sub item {
    my ($line) = @_;
    my ($margin, $marker, $gap) = $line =~ $ITEM or return;
    return (length $margin, $marker =~ /\d/ ? 'ol' : 'ul',
        length "$margin$marker$gap");
}

sub goes_on {
    my ($lines, $indent, @item) = @_;
    my ($line, $next) = (@$lines, '');
    return $next =~ /^ {$indent}\S/ if $line =~ /^\s*$/;
    return 1 if $line =~ /^ {$indent}/;
    return $item[-1] !~ /^\s*$/ && $line !~ $ITEM && $line !~ /^(?:```|#|<!--)/;
}

sub paragraph {
    my ($how, $lines) = @_;
    my @text = (shift @$lines,
        take($lines, qr/^(?!\s*$|```|<!--|#{1,4} |\||>)(?!$ITEM)/));
    return '<p>' . inline_html(join("\n", @text), $how) . "</p>\n";
}

sub inline_html {
    my ($text, $how) = @_;
    my $html = '';
    while ($text =~ m{\G(?:
        (?<ticks>`+)(?<code>.+?)(?<!`)\k<ticks>(?!`)
        |!\[(?<alt>[^\]]*)\]\((?<src>[^)\s]+)\)
        |\[(?<text>(?:[^\[\]`]|`[^`]*`)+)\]\((?<href>[^)\s]+)\)
        |\*\*(?<strong>\S(?:.*?\S)?)\*\*
        |\*(?<em>[^\s*](?:[^*]*[^\s*])?)\*
        |<(?<address>https?://[^>\s]+)>
        |\\(?<escaped>[^\w\s])
        |(?<plain>[^`!\[*<\\]+|.))}gsx) {
        my %is = %+;
        $html .= defined $is{code} ? $how->{word}->($is{code} =~ s/^ | $//gr)
            : defined $is{src} ? picture($how, $is{alt}, $is{src})
            : defined $is{href} ? anchor($how, $is{text}, $is{href})
            : defined $is{strong}
            ? '<strong>' . inline_html($is{strong}, $how) . '</strong>'
            : defined $is{em} ? '<em>' . inline_html($is{em}, $how) . '</em>'
            : defined $is{address} ? anchor($how, ($is{address}) x 2)
            : text_html($is{escaped} // $is{plain});
    }
    return $html;
}

# Where a link leads nowhere that could be shown, its text stays. A word that
# is a link already is not made another.
sub anchor {
    my ($how, $text, $href) = @_;
    my $word = sub { '<code>' . text_html($_[0]) . '</code>' };
    my $html = inline_html($text, {%$how, word => $word});
    my $target = $how->{link}->($href);
    return $target eq '' ? $html
        : '<a href="' . text_html($target) . "\">$html</a>";
}

sub picture {
    my ($how, $alt, $source) = @_;
    return '<img alt="' . text_html($alt) . '" src="'
        . text_html($how->{link}->($source)) . '">';
}

1;
