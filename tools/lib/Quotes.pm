#
# Quotes.pm - examples that a page shows, read where they are tested
#
# A quote is FILE or FILE#region. The region stands between two comments of
# their own line, with /* [name] */ before it and /* [/name] */ behind it, or,
# in Python and in shell, with # [name] and # [/name]. Marks are never shown.
#
package Quotes;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(quoted without_marks language_of);

my %LANGUAGE = (c => 'c', h => 'c', py => 'python', sh => 'sh', json => 'json',
    cmake => 'cmake', go => 'go', rs => 'rust', pl => 'perl', pm => 'perl');

sub language_of {
    my ($path, $text) = @_;
    my ($end) = $path =~ /\.(\w+)$/;
    return $LANGUAGE{$end} if defined $end && $LANGUAGE{$end};
    return ($text // '') =~ /\A#!.*\b(python3?|perl|sh|bash)\b/
        ? $1 =~ s/\d//r : 'text';
}

sub mark {
    my ($name) = @_;
    return qr{[ \t]*(?:/\*[ ]\[$name\][ ]\*/|\#[ ]\[$name\])[ \t]*\n};
}

# The code of a region, or undef where there is none.
sub quoted {
    my ($code, $region) = @_;
    if (defined $region) {
        my ($begin, $end) = (mark("\Q$region\E"), mark("/\Q$region\E"));
        return if $code !~ /^$begin(.*?)^$end/ms;
        $code = $1;
    }
    $code = without_marks($code);
    my ($indent) = sort { length $a <=> length $b } $code =~ /^( *)(?=\S)/mg;
    return $code =~ s/^$indent//mgr;
}

sub without_marks {
    my ($code) = @_;
    my $any = mark('/?[\w-]+');
    return $code =~ s/^$any//mgr;
}

1;
