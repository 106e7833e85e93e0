#
# Blocks.pm - the blocks of code in the documents, and what their marks say
#
# CONTRIBUTING.md has the rule. A block stands between two fences, which may be
# indented, or is indented itself; in a header it is what the manual shows as
# code. What a comment in a line of its own above it says is its marks.
#
# document_blocks($root, $path) and header_blocks(@headers), which takes what
# read_headers has found, return for each block, in order:
#
#   path line       where its first line is
#   language text   "c", "sh", ... or "" for output and commands
#   marks           word => the rest, as in "file: hello.c"
#
package Blocks;

use strict;
use warnings;
use Exporter 'import';
use Headers;

our @EXPORT = qw(documents document_blocks header_blocks inline_code);

my %MARKS = map { $_ => 1 }
    ('output', 'file', 'goes on', 'not run', 'wrong', 'refused');

# The documents that the rule is for.
sub documents {
    my ($root) = @_;
    my @folders = map { glob "$root/docs/$_" } qw(*.md */*.md */*/*.md);
    return grep { -e "$root/$_" }
        qw(README.md CONTRIBUTING.md ARCHITECTURE.md SECURITY.md
            bench/README.md),
        map { s{^\Q$root\E/}{}r } @folders;
}

sub document_blocks {
    my ($root, $path) = @_;
    open my $in, '<', "$root/$path" or die "$root/$path: $!\n";
    chomp(my @lines = <$in>);
    my ($marks, $item, @blocks) = ({}, 0);
    for (my $i = 0; $i < @lines; $i++) {
        my $block;
        if ($lines[$i] =~ /^(\s*)```+\s*(\w*)/) {
            $block = fenced(\@lines, $i + 1, $1, $2);
        } elsif ($lines[$i] =~ ($item ? qr/^( {6,7})\S/ : qr/^( {4})/)
            && is_apart(\@lines, $i)) {
            $block = indented(\@lines, $i, $1);
        } elsif ($lines[$i] =~ /^\s*<!-- (.*) -->\s*$/) {
            mark($marks, $1, $path, $i + 1);
            next;
        }
        if ($block) {
            @$block{qw(path marks)} = ($path, $marks);
            push @blocks, $block;
            $i = delete $block->{last};
        }
        $item = $lines[$i] =~ /^\s*(?:[-*+]|\d+[.)])\s/
            || $item && $lines[$i] =~ /^(?:\s|$)/;
        $marks = {} if $lines[$i] !~ /^\s*$/;
    }
    return @blocks;
}

# The words set as code in a document's sentences, as blocks of one line. What
# is broken into two lines is one with a blank; what its line says is planned is
# marked so.
sub inline_code {
    my ($root, $path) = @_;
    open my $in, '<', "$root/$path" or die "$root/$path: $!\n";
    local $/;
    my $text = <$in> =~ s{^(\s*)```.*?^\1```$}{$& =~ tr/\n//cdr}gemsr;
    my @lines = split /\n/, $text;
    my @words;
    while ($text =~ /(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)/g) {
        my ($word, $line) = ($1, substr($text, 0, $-[0]) =~ tr/\n//);
        $word =~ s/\s+/ /g;
        push @words, {path => $path, line => $line + 1, text => $word,
            planned => scalar $lines[$line] =~ /\bplanned\b/};
    }
    return @words;
}

sub is_apart {
    my ($lines, $i) = @_;
    return $i == 0 || $lines->[$i - 1] =~ /^\s*$|^\s*<!--/;
}

# Comments of other kinds are none of ours.
sub mark {
    my ($marks, $text, $path, $line) = @_;
    my ($word, $rest) = $text =~ /^([a-z ]+)(?:: (.*))?$/ or return;
    return if $word =~ /^(?:example|beside|plot)$/;
    return $marks->{$word} = $rest // '' if $MARKS{$word};
    problem($path, $line, "no mark is called \"$word\"");
}

sub fenced {
    my ($lines, $first, $margin, $language) = @_;
    my $last = $first;
    $last++ while $last < @$lines && $lines->[$last] !~ /^\s*```/;
    my @text = map { s/^$margin//r } @$lines[$first .. $last - 1];
    return {line => $first + 1, language => $language, last => $last,
        text => join '', map { "$_\n" } @text};
}

sub indented {
    my ($lines, $first, $margin) = @_;
    my $last = $first;
    $last++ while $last < $#$lines
        && $lines->[$last + 1] =~ /^(?:$margin|\s*$)/;
    $last-- while $lines->[$last] =~ /^\s*$/;
    my @text = map { s/^$margin//r } @$lines[$first .. $last];
    return {line => $first + 1, language => '', last => $last,
        text => join '', map { "$_\n" } @text};
}

# The code of a comment begins where its first line is found, behind the block
# before it.
sub header_blocks {
    my (@headers) = @_;
    my @blocks;
    for my $header (@headers) {
        my $lines = $header->{file}{lines};
        my $line = 0;
        for my $text ($header->{story}, map { $_->{text} }
            @{$header->{items}}) {
            for my $code (map { $_->[1] } grep { $_->[0] eq 'code' } @$text) {
                my ($first) = split /\n/, $code;
                $line++ while $line < @$lines
                    && $lines->[$line] ne " *     $first";
                push @blocks, {path => $header->{path}, line => $line + 1,
                    language => 'c', text => $code, marks => {}};
            }
        }
    }
    return @blocks;
}

1;
