# Kitchen.pm - what the pages of the bundled site are made of: dishes, and words
#
# Nothing is drawn by lot: what is picked for a key is always the same.
package Kitchen;
use strict;
use warnings;

use Exporter 'import';
our @EXPORT = qw(contents number pick several slug escaped span sentence
    %prose @chapters @recipes %ware %shelf);

my $here = __FILE__ =~ m{^(.*)/} ? $1 : '.';

our (%prose, @chapters, @recipes, %ware, %shelf);

sub contents {
    my ($name) = @_;
    open my $in, '<:raw', "$here/$name" or die "$here/$name: $!\n";
    local $/;
    return scalar <$in>;
}

sub number {
    my ($text) = @_;
    my $sum = 2166136261;
    $sum = (($sum ^ $_) * 16777619) & 0xffffffff for unpack 'C*', $text;
    return $sum >> 7;
}

# pick KEY, LIST: always the same for a key
sub pick {
    my ($key, @from) = @_;
    return $from[number($key) % @from];
}

# several COUNT, KEY, LIST: in the order of the list
sub several {
    my ($count, $key, @from) = @_;
    my @order = sort { number("$key$a") <=> number("$key$b") } 0 .. $#from;
    $count = @from if $count > @from;
    return @from[sort { $a <=> $b } @order[0 .. $count - 1]];
}

sub slug {
    my $text = lc shift;
    $text =~ s/'//g;
    $text =~ s/[^a-z0-9\x80-\xff]+/-/g;
    return $text;
}

sub escaped {
    my ($path) = @_;
    return $path =~ s/([^\w\/.~?=-])/sprintf '%%%02X', ord $1/ger;
}

sub span {
    my ($minutes) = @_;
    my ($count, $unit) =
          $minutes < 100    ? ($minutes, 'minute')
        : $minutes < 2160   ? ($minutes / 60, 'hour')
        : $minutes < 20160  ? ($minutes / 1440, 'day')
        :                     ($minutes / 10080, 'week');
    $count = int($count * 2 + .5) / 2;
    my $half = $count != int $count ? '&frac12;' : '';
    return int($count) . "$half $unit" . ($count == 1 ? '' : 's');
}

my $kind;
for (split /\n/, contents('prose.txt')) {
    next if /^#/ || $_ eq '';
    if (/^= (\w+)/) { $kind = $1 }
    else            { push @{$prose{$kind}}, $_ }
}

# sentence KIND, KEY, {WORD => TEXT}
sub sentence {
    my ($of, $key, $words) = @_;
    return pick("$of $key", @{$prose{$of}}) =~ s/\{(\w+)\}/$words->{$1}/gr;
}

for (grep { !/^#/ && /\|/ } split /\n/, contents('dishes.txt')) {
    my @field = split /\s*\|\s*/;
    if ($field[0] =~ s/^= //) {
        my %chapter = (key => $field[0], title => $field[1], verb => $field[2],
            path => "/chapters/$field[0].html", recipes => []);
        push @chapters, \%chapter;
        next;
    }
    my ($name, $work, $wait, $for, $needs) = @field;
    my %recipe = (name => $name, work => $work, wait => $wait, for => $for,
        needs => [split / /, $needs], chapter => $chapters[-1],
        path => '/recipes/' . escaped(slug($name)) . '.html');
    push @recipes, \%recipe;
    push @{$chapters[-1]{recipes}}, \%recipe;
    push @{$ware{$_}}, \%recipe for @{$recipe{needs}};
}
%shelf = map { $_ => "/shelf/$_.html" }
    grep { @{$ware{$_}} > 1 } sort keys %ware;

1;
