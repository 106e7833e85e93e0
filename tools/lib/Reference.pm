#
# Reference.pm - a public header as a page of the site
#
# Its story, what it has at a glance, then each item: the prototype, its colour
# and its promises. Where names lead is left to tools/docs/names.py, which sees
# them in every page.
#
package Reference;

use strict;
use warnings;
use Exporter 'import';
use Markdown;

our @EXPORT = qw(reference_page reference_index);

my %COLOUR = (
    FM_SUSPENDS => ['suspends', 'Other tasks may run before it returns; '
        . 'always a cancel point, also when it need not wait.'],
    FM_SETTLES => ['settles', 'Always a cancel point; cut, it passes the cut '
        . 'on to what it waits for, and returns only when that has ended.'],
);

sub reference_page {
    my ($header) = @_;
    my @items = @{$header->{items}};
    my $page = "# $header->{name}\n\n" . sentence($header->{title}) . "\n\n"
        . fenced("#include <fermata/$header->{name}>\n", 'c') . "\n"
        . blocks($header->{story});
    if (@items > 1) {
        $page .= "| | |\n|---|---|\n" . join('', map { "| `$_->{name}` | "
            . inline($_->{summary}) . " |\n" } @items) . "\n";
    }
    return $page . join '', map { item($_) } @items;
}

sub reference_index {
    my (@headers) = @_;
    return "# Reference\n\nEach public header is a page: what it declares, and "
        . "what it promises.\nThe manual pages say the same.\n\n"
        . "| | |\n|---|---|\n" . join('', map { "| [$_->{name}]($_->{word}.md) "
            . '| ' . sentence($_->{title}) . " |\n" } @headers);
}

sub sentence {
    my ($text) = @_;
    return inline(ucfirst $text) . '.';
}

sub item {
    my ($item) = @_;
    my $code = $item->{kind} eq 'function' ? wrapped($item->{code})
        : $item->{code};
    my $page = "## $item->{name}\n\n";
    if ($item->{colour}) {
        my ($word, $meaning) = @{$COLOUR{$item->{colour}}};
        $page .= qq(<span class="colour $word" title="$meaning">$word</span>)
            . "\n\n";
    }
    return $page . fenced($code, 'c') . "\n" . blocks($item->{text});
}

sub wrapped {
    my ($code) = @_;
    return $code if length $code <= 76;
    my $indent = ' ' x (index($code, '(') + 1);
    my @lines = ('');
    for my $part (split /(?<=,) (?![^(]*\)[^()]*\))/, $code) {
        push @lines, $indent if length "$lines[-1] $part" > 76;
        $lines[-1] .= ($lines[-1] =~ /^ *$/ ? '' : ' ') . $part;
    }
    return join "\n", grep { /\S/ } @lines;
}

sub blocks {
    my ($blocks) = @_;
    my $page = '';
    for (@$blocks) {
        my ($kind, @rest) = @$_;
        $page .= $kind eq 'code' ? fenced($rest[0], 'c') . "\n"
            : $kind eq 'text' ? inline($rest[0]) . "\n\n"
            : join '', map { term($_->[0]) . "\n: " . inline($_->[1])
                . "\n\n" } @rest;
    }
    return $page;
}

sub term {
    my ($term) = @_;
    return $term =~ /^[\w-]+$/ ? "`$term`" : escaped($term);
}

# A comment's sentence: names and errors are code.
sub inline {
    my ($text) = @_;
    my $made = '';
    while ($text =~ /\G(?:(`[^`]+`)|\b((?:fm|FM)_\w+(?:\([^()]*\))?)
        |(?<!\w)(-E[A-Z0-9]+|NULL\b)|([^`\-fFN]+|.))/gsx) {
        my ($code, $name, $error, $plain) = ($1, $2, $3, $4);
        $made .= $code // (defined $plain ? $plain =~ /^[\w\s.,;:()']+$/
            ? $plain : escaped($plain) : '`' . ($name // $error) . '`');
    }
    return $made =~ s/^(\d+)(?=[.)])/$1\\/r;
}

1;
