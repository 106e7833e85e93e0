#
# Fragments.pm - pieces of C from the documents as one file that compiles
#
# What is defined at the left edge (functions, types, what a macro defines, and
# lines for the preprocessor) stands outside; all the rest is the body of a
# function. A name that a fragment defines is its own: it gets another spelling
# until the fragment ends, so that each may have its echo() or its kitchen.
#
# fragments_file($given, @blocks) is that file; in it #line leads back. A block
# has its parts, each with its own lines.
#
package Fragments;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(fragments_file is_program is_closed);

my $WORD = qr/[A-Za-z_]\w*/;
my $NO_TYPE = qr/^(?:return|else|case|goto|sizeof|do)\b/;

# All of a program: it says itself what it includes.
sub is_program {
    my ($text) = @_;
    return $text =~ /^int main\(/m && $text =~ /^#include /m;
}

sub fragments_file {
    my ($given, @blocks) = @_;
    my ($count, $file) = (0, qq{#include "$given"\n});
    my %included;
    for my $block (@blocks) {
        for (includes($block)) {
            $file .= "$_\n" if !$included{$_}++;
        }
    }
    $file .= fragment($_, ++$count) for @blocks;
    return $file;
}

sub includes {
    my ($block) = @_;
    return $block->{text} =~ /^(#include [<"][^>"]+[>"])/mg;
}

sub fragment {
    my ($block, $number) = @_;
    my ($outside, $inside, %own) = ('', '');
    for (map { placed_pieces($_) } @{$block->{parts}}) {
        my ($text, $line) = @$_;
        next if $text =~ /^#include /;
        my @names = defined_names($text);
        $own{$_} = 1 for @names;
        $text =~ s/\bstatic\b/extern/ if @names && $text !~ /[{\\]|^FM_/;
        my $placed = "#line $line \"$block->{path}\"\n$text";
        if (@names || $text =~ /^#/) {
            $outside .= $placed;
        } else {
            $inside .= $placed;
        }
    }
    my ($before, $after) = ('', '');
    for my $name (sort keys %own) {
        my %rest = map { $_ => 1 } $block->{text} =~ /\b$name(_\w+|)\b/g;
        for (sort keys %rest) {
            $before .= "#define $name$_ ${name}_of_$number$_\n";
            $after .= "#undef $name$_\n";
        }
    }
    return $before . $outside . body($inside, $number) . $after;
}

sub body {
    my ($inside, $number) = @_;
    return $inside =~ /\S/ ? "int block_$number(void)\n{\n${inside}return 0;\n}"
        . "\n" : '';
}

# As pieces, with their lines in the document.
sub placed_pieces {
    my ($part) = @_;
    return map { [$_->[0], $part->{line} + $_->[1]] } pieces($part->{text});
}

# Not one bracket of it is open at its end, nor closed too often.
sub is_closed {
    my ($text) = @_;
    my ($last) = (pieces($text))[-1];
    return !$last || $last->[2] == 0;
}

# [text, line from 0, brackets still open]: each a statement, or more, or a
# definition; they end at the left edge with all brackets closed.
sub pieces {
    my ($text) = @_;
    my ($open, $piece, $first, $line, @pieces) = (0, '', 0, 0);
    for (split /^/, $text) {
        $piece .= $_;
        $line++;
        my $code = s/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)+'/0/gr;
        $code =~ s{/\*.*?(?:\*/|$)|//.*}{}g;
        $open += () = $code =~ /[({\[]/g;
        $open -= () = $code =~ /[)}\]]/g;
        next if $open > 0 || $code !~ /[;}\\]\s*$/ && $code !~ /^#|^\s*$/
            || $code =~ /\\$/;
        push @pieces, [$piece, $first, $open];
        ($open, $piece, $first) = (0, '', $line);
    }
    push @pieces, [$piece, $first, $open] if $piece ne '';
    return @pieces;
}

# The names that a definition at the left edge makes, or none.
sub defined_names {
    my ($text) = @_;
    $text =~ s{/\*.*?\*/|//[^\n]*}{}gs;
    $text =~ s/^\s+//;
    return $1 if $text =~ /^#\s*define\s+($WORD)/;
    return $1 if $text =~ /^FM_[A-Z]+_OF\(($WORD)/;
    return $1 if $text =~ /^(?:struct|union|enum)\s+($WORD)\s*\{.*\};\s*\z/s;
    return ($1 // (), $2)
        if $text =~ /^typedef\b(?:\s+\w+\s+($WORD)\s*\{)?.*?($WORD);\s*\z/s;
    return if $text =~ $NO_TYPE;
    return $1 if $text
        =~ /^(?:$WORD[\s*]+)+($WORD)\([^;{]*\)\s*(?:\{.*\}|;)\s*\z/s;
    return;
}

1;
