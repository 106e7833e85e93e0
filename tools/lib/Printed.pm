#
# Printed.pm - what is printed here: by examples, by tests, by the library
#
# A block of output may show a part of it. Each of its lines has to be one that
# a test expects, with any numbers in it, or one that a format makes: of the
# examples that its page quotes and the programs it has, or of any where there
# are words enough to know it by. A report of the library may be broken into
# lines.
#
package Printed;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(read_printed unprinted);

my $WORDS = 10;     # letters of a format that make it known anywhere

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}

sub read_printed {
    my ($root) = @_;
    my %lines = map { spelling($_) => 1 } map { split /\n/, slurp($_) }
        glob("$root/tests/examples/*"), glob("$root/tests/*/test_*");
    my @formats = grep { letters($_) >= $WORDS } map { formats(slurp($_)) }
        glob("$root/src/*/*.c"), glob("$root/examples/*.c"),
        glob("$root/cli/*.c");
    return {root => $root, lines => \%lines, formats => \@formats};
}

# Numbers differ from run to run: ports, sizes, times.
sub spelling {
    my ($line) = @_;
    return $line =~ s/\d+/0/gr =~ s/^\s+|\s+$//gr;
}

sub letters {
    my ($format) = @_;
    return length $format =~ s/%[-+ 0#]*[\d.*]*[a-zA-Z]+|[^a-zA-Z]//gr;
}

# The lines that a source's literals have, adjacent ones as one.
sub formats {
    my ($text) = @_;
    my @formats;
    while ($text =~ /((?:"(?:[^"\\]|\\.)*"\s*)+)/g) {
        my $literal = join '', $1 =~ /"((?:[^"\\]|\\.)*)"/g;
        push @formats, grep { /[^\s%]/ } split /\\n/, $literal;
    }
    return @formats;
}

sub pattern {
    my ($format) = @_;
    my $pattern = '';
    while ($format =~ /\G(%%|%[-+ 0#]*[\d.*]*[a-zA-Z]+|\\(.)|.)/gs) {
        $pattern .= $1 eq '%%' ? '%' : $1 =~ /^%./ ? '.*?'
            : $1 eq ' ' ? '\s+' : quotemeta($2 // $1);
    }
    return qr/$pattern/;
}

# The lines of a block that nothing here prints; $page is the document's text.
sub unprinted {
    my ($printed, $page, $text) = @_;
    my @quoted = $page =~ /^<!-- (?:example|beside): .*?(examples\/\w+\.c)/mg;
    my @near = ((map { formats(slurp("$printed->{root}/$_")) } @quoted),
        map { formats($_) } $page =~ /^```c\n(.*?)^```/msg);
    my @lines = $text =~ /^fermata: / ? join ' ', split /\s*\n\s*/, $text
        : split /\n/, $text;
    return grep { /\S/ && !is_printed($printed, $_, @near) } @lines;
}

sub is_printed {
    my ($printed, $line, @near) = @_;
    return 1 if $printed->{lines}{spelling($line)};
    $line =~ s/^fermata: |^\s+//;
    for (@near) {
        my $pattern = pattern($_ =~ s/^\s+//r);
        return 1 if /[^\s%\w]|%.*\w{3}/ && $line =~ /^$pattern$/;
    }
    for (@{$printed->{formats}}) {
        my $pattern = pattern($_);
        return 1 if $line =~ $pattern;
    }
    return 0;
}

1;
