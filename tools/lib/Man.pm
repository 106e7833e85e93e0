#
# Man.pm - the reference as manual pages
#
# Section 3 has a page for each function and macro; section 7 has one for each
# header, with its types and constants, and fermata(7) above them. That of the
# command is docs/man/fermata.1, written by hand.
#
package Man;

use strict;
use warnings;
use Exporter 'import';
use Headers;

our @EXPORT = qw(man_pages);

my %COLOUR = (
    FM_SUSPENDS => 'Suspends: other tasks may run before it returns. It is '
        . 'always a cancel point, also when it need not wait.',
    FM_SETTLES => 'Settles: other tasks run before it returns. It is always '
        . 'a cancel point; cut, it passes the cut on to what it waits for, '
        . 'and returns only when that has ended.',
);

my (%has_page, $version, $day);

# Path under man/ => text, ...
sub man_pages {
    my ($root, $top, @headers) = @_;
    my %pages;
    ($version, $day) = release($root);
    %has_page = map { $_->{name} => 1 }
        grep { has_page($_) } map { @{$_->{items}} } @headers;
    for my $header (@headers) {
        $pages{"man7/fermata_$header->{word}.7"} = header_page($header);
        $pages{"man3/$_->{name}.3"} = item_page($_)
            for grep { has_page($_) } @{$header->{items}};
    }
    $pages{'man7/fermata.7'} = top_page($top, @headers);
    my $command = "$root/docs/man/fermata.1";
    $pages{'man1/fermata.1'} = command_page($command) if -e $command;
    return %pages;
}

sub command_page {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return <$file> =~ s/\@DAY\@/$day/r =~ s/\@VERSION\@/$version/r;
}

sub has_page {
    my ($item) = @_;
    return $item->{kind} =~ /^(?:function|macro)$/;
}

sub title {
    my ($name, $section) = @_;
    return ".\\\" Made from the headers by tools/mkdocs.\n"
        . qq(.TH $name $section "$day" "Fermata $version" "Fermata manual"\n);
}

sub top_page {
    my ($top, @headers) = @_;
    my $page = title('fermata', 7) . ".SH NAME\n"
        . 'fermata \- ' . escape($top->{title}) . "\n"
        . synopsis('fermata.h') . ".SH DESCRIPTION\n" . blocks($top->{story});
    $page .= ".SH CHAPTERS\n" . entries(map {
        ["fermata_$_->{word}", 7, $_->{title}] } @headers);
    return $page;
}

sub header_page {
    my ($header) = @_;
    my @items = @{$header->{items}};
    my $page = title("fermata_$header->{word}", 7) . ".SH NAME\n"
        . "fermata_$header->{word} \\- " . escape($header->{title}) . "\n"
        . synopsis("fermata/$header->{name}")
        . ".SH DESCRIPTION\n" . blocks($header->{story});

    for (['constant', 'CONSTANTS'], ['type', 'TYPES']) {
        my ($kind, $heading) = @$_;
        my @of_kind = grep { $_->{kind} eq $kind } @items;
        $page .= ".SH $heading\n" if @of_kind;
        $page .= ".SS $_->{name}\n" . blocks($_->{text})
            . code($_->{code}) for @of_kind;
    }
    my @calls = map { [$_->{name}, 3, $_->{summary}] }
        grep { has_page($_) } @items;
    $page .= ".SH FUNCTIONS\n" . entries(@calls) if @calls;
    return $page . ".SH SEE ALSO\n" . reference('fermata', 7) . "\n";
}

sub item_page {
    my ($item) = @_;
    my ($name, $header) = @$item{qw(name header)};
    my @text = @{$item->{text}};
    my @returns = grep { $_->[0] eq 'text' && $_->[1] =~ /^Returns\b/ } @text;
    my @about = grep { my $block = $_; !grep { $_ == $block } @returns } @text;
    @about = @text if !@about;
    @returns = () if @about == @text;

    my $page = title($name, 3) . ".SH NAME\n$name \\- "
        . escape(lower($item->{summary}) =~ tr/`//dr) . "\n"
        . synopsis("fermata/$header->{name}", $item)
        . ".SH DESCRIPTION\n" . blocks(\@about, $name);
    $page .= ".PP\n" . inline($COLOUR{$item->{colour}}) . "\n"
        if $item->{colour};
    $page .= ".SH RETURN VALUE\n" . blocks(\@returns, $name) if @returns;
    return $page . ".SH SEE ALSO\n" . see_also($item);
}

# Its chapter, and the functions that the text speaks of.
sub see_also {
    my ($item) = @_;
    my $text = join ' ', map { ref $_->[1] ? map { $_->[1] } @$_[1 .. $#$_]
        : $_->[1] } @{$item->{text}};
    my %spoken_of = map { $_ => 1 } grep { $has_page{$_} }
        $text =~ /\b(fm_\w+|FM_\w+)/g;
    delete $spoken_of{$item->{name}};
    return join(",\n", map({ reference($_, 3) } sort keys %spoken_of),
        reference("fermata_$item->{header}{word}", 7)) . "\n";
}

sub synopsis {
    my ($include, $item) = @_;
    my $text = ".SH SYNOPSIS\n.nf\n\\fB#include <$include>\\fP\n";
    $text .= ".PP\n" . declaration($item->{code}) . "\n" if $item;
    return "$text.fi\n";
}

# In bold, and the names of the parameters in italics.
sub declaration {
    my ($code) = @_;
    return '\fB' . escape($code) . '\fP'
        if $code !~ /^([^(]*\()(.*)(\);?)$/s;
    my ($before, $parameters, $after) = ($1, $2, $3);
    my @parts = map { escape($_) } split_list($parameters);
    s/(\w+)(?=(?:\[\w*\])?$|\)\()/\\fI$1\\fB/ for grep { $_ ne 'void' } @parts;
    my @lines = wrap_list($before, @parts);
    return '\fB' . join("\n", @lines) . "$after\\fP";
}

# At its commas, not at those of a function pointer's list.
sub split_list {
    my ($list) = @_;
    my ($depth, @parts) = (0, '');
    for my $letter (split //, $list) {
        $depth += ($letter eq '(') - ($letter eq ')');
        push @parts, '' if $letter eq ',' && !$depth;
        $parts[-1] .= $letter if $letter ne ',' || $depth;
    }
    return map { s/^\s+//r } @parts;
}

sub wrap_list {
    my ($before, @parts) = @_;
    my @lines = ($before);
    my $indent = ' ' x length $before;
    for my $i (0 .. $#parts) {
        my $part = $parts[$i] . ($i < $#parts ? ',' : '');
        my $plain = "$lines[-1] $part" =~ s/\\f.//gr;
        push @lines, $indent if length $plain > 70 && $i;
        $lines[-1] .= $lines[-1] =~ /[( ]$/ ? $part : " $part";
    }
    return @lines;
}

sub entries {
    return join '', map { ".TP\n" . reference($_->[0], $_->[1]) . "\n"
        . inline($_->[2]) . "\n" } @_;
}

sub reference {
    my ($name, $section) = @_;
    return '\fB' . escape($name) . "\\fP($section)";
}

sub blocks {
    my ($blocks, $own) = @_;
    my $page = '';
    for (@$blocks) {
        my ($kind, @rest) = @$_;
        $page .= $kind eq 'code' ? code($rest[0])
            : $kind eq 'text' ? ".PP\n" . inline($rest[0], $own) . "\n"
            : join '', map { ".TP\n\\fB" . escape($_->[0]) . "\\fP\n"
                . inline($_->[1], $own) . "\n" } @rest;
    }
    return $page =~ s/\A\.PP\n//r;
}

sub code {
    my ($text) = @_;
    chomp $text;
    $text = escape($text) =~ s/^(?=\.)/\\&/mgr;
    return ".PP\n.in +4n\n.nf\n$text\n.fi\n.in\n";
}

# Each sentence on a line of its own; names and codes in bold.
sub inline {
    my ($text, $own) = @_;
    my $page = '';
    while ($text =~ /\G(?:`([^`]+)`|\b(fm_\w+|FM_\w+)|(?<!\w)(-E[A-Z0-9]+)
        |([^`\-fF]+|.))/gsx) {
        my ($code, $name, $error, $plain) = ($1, $2, $3, $4);
        $page .= defined $plain ? escape($plain)
            : '\fB' . escape($code // $name // $error) . '\fP';
        $page .= '(3)' if defined $name && $has_page{$name}
            && $name ne ($own // '') && substr($text, pos $text) !~ /^\(/;
    }
    $page =~ s/([.:;]) (?=[A-Z\\])/$1\n/g;
    $page =~ s/^(?=[.'])/\\&/mg;
    return $page;
}

sub escape {
    my ($text) = @_;
    $text =~ s/\\/\\(rs/g;
    $text =~ s/-/\\-/g;
    $text =~ s/'/\\(aq/g;
    $text =~ s/`/\\(ga/g;
    $text =~ s/~/\\(ti/g;
    $text =~ s/\^/\\(ha/g;
    return $text;
}

# As man's own summaries do: no capital, unless the word is one.
sub lower {
    my ($text) = @_;
    return $text =~ /^[A-Z][a-z]/ ? lcfirst $text : $text;
}

1;
