#
# Assembly.pm - a .S file as C: assembly outside of functions
#
# Each function becomes one __asm__, which leaves the section as it was, and
# each macro a string. The file's notes are left out: the compiler writes those
# of the object that this becomes a part of.
#
package Assembly;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(assembly);

sub assembly {
    my ($text) = @_;
    $text =~ s/^    \.section \.note\.GNU-stack.*\z//ms;
    my ($out, $inside) = ('', 0);
    my @macros = $text =~ /^#define (\w+)/mg;
    for my $line (split /\n/, $text) {
        if ($line =~ /^#define (\w+)(.*)/) {
            $out .= "#define $1 " . string($2) . "\n";
        } elsif ($line =~ /^#include/ || $line =~ /^\s*\.text$/) {
            next;
        } elsif ($line =~ /^    \.p2align/ && !$inside++) {
            $out .= "__asm__(\".pushsection .text, \\\"ax\\\"\\n\"\n";
            $out .= instruction($line, @macros);
        } elsif ($inside && $line =~ /^    \.size/) {
            $out .= instruction($line, @macros);
            $out .= "        \".popsection\\n\");\n";
            $inside = 0;
        } else {
            $out .= $inside ? instruction($line, @macros) : "$line\n";
        }
    }
    die "a function without .size\n" if $inside;
    return $out;
}

# What a macro stands for, or an instruction, without its comment.
sub string {
    my ($code) = @_;
    $code =~ s{/\*.*?\*/}{}g;
    $code =~ s/^\s+|\s+$//g;
    $code =~ s/(["\\])/\\$1/g;
    return "\"$code\"";
}

sub instruction {
    my ($line, @macros) = @_;
    my $code = string($line);
    my $names = join '|', map { quotemeta } @macros;
    $code =~ s/\b($names)\b/" $1 "/g if @macros;
    $code =~ s/"$/\\n"/;
    $code =~ s/^"" //;
    return "        $code\n";
}
1;
