#
# TextRules.pm - what tidy asks of a file as text
#
# Each rule takes a file as Source.pm reads it and returns [line, message] for
# each place that breaks it.
#
package TextRules;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(
    story words dead_code file_length line_length tabs blanks cmake_glob);

my $MAX_LINES = 500;
my $MAX_COLUMNS = 80;

# [line, message] of each line for which `ask` has a message.
sub each_line {
    my ($file, $ask) = @_;
    my ($lines, @found) = ($file->{lines});
    for my $i (0 .. $#$lines) {
        my $message = $ask->($lines->[$i]);
        push @found, [$i + 1, $message] if $message;
    }
    return @found;
}

sub story {
    my ($file) = @_;
    return if $file->{text} =~ m{\A/\*\n \* \Q$file->{name}\E - \S};
    return [1, "the file does not begin with its story, $file->{name} - ..."];
}

sub words {
    my ($file) = @_;
    return each_line($file, sub {
        $_[0] =~ /\b(TODO|FIXME|XXX|HACK)\b/ && "$1: do it, or leave it";
    });
}

# Prose has a space before a parenthesis, and an example is indented.
sub dead_code {
    my ($file) = @_;
    my @found = map { [$_->[0], 'code under #if 0'] }
        grep { $_->[1] eq 'if' && $_->[2] =~ /^0\s*$/ } @{$file->{directives}};
    for (@{$file->{comments}}) {
        my ($line, undef, $text) = @$_;
        for (split /\n/, $text) {
            push @found, [$line, 'code in a comment']
                if m{^\s*(?:/\*|//|\*|)[ ]?(?:\w[\w *]*=[ ])?\w[\w.>-]*
                    \(.*\);\s*(?:\*/)?$}x;
            $line++;
        }
    }
    return @found;
}

sub file_length {
    my ($file) = @_;
    my $lines = @{$file->{lines}};
    return if $lines <= $MAX_LINES;
    return [$lines, "$lines lines, the limit is $MAX_LINES"];
}

sub line_length {
    my ($file) = @_;
    return each_line($file, sub {
        my ($text) = @_;
        return if length $text <= $MAX_COLUMNS || $text =~ m{https?://};
        utf8::decode($text);
        my $columns = length $text;
        $columns > $MAX_COLUMNS
            && "$columns columns, the limit is $MAX_COLUMNS";
    });
}

sub tabs {
    my ($file) = @_;
    return each_line($file, sub { $_[0] =~ /\t/ && 'a tab' });
}

sub blanks {
    my ($file) = @_;
    my @found = each_line($file, sub {
        $_[0] =~ /[ \t\r]$/ && 'blanks at the end';
    });
    my $last = $file->{text} =~ tr/\n//;
    push @found, [$last + 1, 'the file ends without a newline']
        if $file->{text} =~ /[^\n]\z/;
    push @found, [$last, 'the file ends with empty lines']
        if $file->{text} =~ /\n\n\z/;
    return @found;
}

sub cmake_glob {
    my ($file) = @_;
    return each_line($file, sub {
        $_[0] =~ /^[^#]*\b(?:GLOB|GLOB_RECURSE|aux_source_directory)\b/i
            && 'sources are listed by name';
    });
}

1;
