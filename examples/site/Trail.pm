# Trail.pm - each link that is written, and so what a crawler has to find
package Trail;
use strict;
use warnings;

use Exporter 'import';
use Kitchen;
our @EXPORT = qw(begin note relative href anchor put also redirect answers
    reach);

our $page = ''; # that is being written
our $base = '/'; # which its relative links begin at
my %status;      # path => what the server answers; "robots": not to be asked
my %links;       # path => {path that links to it}

# begin PATH [BASE]: what is linked from now on, is by the page at PATH
sub begin {
    ($page, $base) = @_;
    $base //= $page;
}

sub note {
    my ($to) = @_;
    $links{$to}{$page} = 1;
    return '';
}

sub relative {
    my ($to) = @_;
    my @from = split m{/}, $base =~ s{[^/]*$}{}r, -1;
    my @to = split m{/}, $to, -1;
    pop @from;
    while (@from && @to > 1 && $from[0] eq $to[0]) {
        shift @from;
        shift @to;
    }
    my $text = '../' x @from . join '/', @to;
    return $text =~ /^$|^[^\/]*:/ ? "./$text" : $text;
}

# One way of many to write a path, as people and their tools do.
my @ways = (
    sub { relative($_[0]) },
    sub { $_[0] },
    sub { './' . relative($_[0]) },
    sub { relative($_[0]) . '#top' },
    sub { $_[0] =~ s{/([^/]+)$}{/./$1}r },
    sub { $_[0] =~ s{/([^/]+)$}{/nowhere/../$1}r },
    sub { $_[0] =~ s{([a-z])(\.html)}{sprintf '%%%02x%s', ord $1, $2}er },
    sub { $_[0] =~ s{%([0-9A-F]{2})}{'%' . lc $1}ger },
    sub { '  ' . relative($_[0]) . "\n" },
    sub { relative($_[0]) =~ s{/}{&#x2f;}gr },
);

# href PATH: as it stands in an attribute
sub href {
    my ($to) = @_;
    note($to);
    my $turn = number("$page>$to");
    my $way = $turn % 5 ? 0 : $turn / 5 % @ways;
    return $ways[$way]->($to) =~ s/&(?!#)/&amp;/gr;
}

sub anchor {
    my ($to, $text) = @_;
    return '<a href="' . href($to) . "\">$text</a>";
}

# put DIRECTORY, PATH, BYTES
sub put {
    my ($directory, $path, $bytes) = @_;
    my $file = $directory . $path =~ s/%([0-9A-F]{2})/chr hex $1/ger;
    my $at = '';
    for my $part (split m{/}, $file =~ s{/[^/]+$}{}r) {
        $at .= "$part/";
        mkdir $at if !-d $at;
    }
    open my $out, '>:raw', $file or die "$file: $!\n";
    print $out $bytes;
    close $out or die "$file: $!\n";
    $status{$path} //= 200;
}

# The same page by another name, with the same links.
my %also;

# also PATH, AS
sub also {
    my ($path, $as) = @_;
    $also{$path} = $as;
}

# redirect PATH, STATUS, TO
sub redirect {
    my ($from, $code, $to) = @_;
    $status{$from} = $code;
    local $page = $from;
    note($to) if $to =~ m{^/};
}

# answers STATUS, PATH...
sub answers {
    my ($code, @paths) = @_;
    @status{@paths} = ($code) x @paths;
}

# What is to be found from ENTRY on: a line each.
sub reach {
    my ($entry) = @_;
    my %from;
    my @next = ($entry);
    @status{keys %also} = (200) x keys %also;
    my %seen = map { $_ => 1 } @next;
    while (defined(my $path = shift @next)) {
        next if ($status{$path} // 404) eq 'robots';
        my $as = $also{$path} // $path;
        for my $to (grep { $links{$_}{$as} } keys %links) {
            $from{$to}{$path} = 1;
            push @next, $to if !$seen{$to}++;
        }
    }
    return map { "$_\t" . ($status{$_} // 404) . "\t"
            . join(' ', sort keys %{$from{$_}}) . "\n" } sort keys %seen;
}

1;
