#
# Headers.pm - the public headers as a manual: what they declare and promise
#
# A header begins with its story. A comment directly above a prototype, a
# macro or a type is its text. Names with two underscores are private. Where
# a macro's own list says too little, its comment begins with a prototype as
# code, or with NAME(arguments).
#
# read_headers($root) returns a header for each line of fermata.h:
#
#   name word title story    "task.h", "task", the line's text, blocks
#   path
#   items                    {kind name names line code text summary colour}
#
# The story and each text are blocks: ['text', words], ['code', lines] or
# ['terms', [term, words]...].
#
package Headers;

use strict;
use warnings;
use Exporter 'import';
use Source;

our @EXPORT = qw(read_headers release problem problems);

my @problems;

# What is wrong with the documents; whoever runs us prints it and fails.
sub problem {
    my ($path, $line, $message) = @_;
    push @problems, "$path:$line: $message";
}

sub problems {
    return @problems;
}

sub read_headers {
    my ($root) = @_;
    my $top = read_header($root, 'include/fermata.h');
    my @headers = map { read_header($root, "include/$_->[1]") }
        grep { $_->[1] =~ m{^fermata/} } @{$top->{file}{includes}};
    return ($top, @headers);
}

# The version, and the day the change log says it came out.
sub release {
    my ($root) = @_;
    my $api = read_source("$root/include/fermata/api.h", 'api.h');
    my $log = read_source("$root/CHANGELOG.md", 'CHANGELOG.md');
    my ($version) = $api ? $api->{text} =~ /#define FM_VERSION "(.*?)"/ : ();
    my ($day) = $log ? $log->{text} =~ /\b(\d{4}-\d\d-\d\d)\b/ : ();
    return ($version // '', $day // '');
}

sub read_header {
    my ($root, $path) = @_;
    my $file = read_source("$root/$path", $path);
    if (!$file) {
        problem('include/fermata.h', 1, "$path: $!");
        $file = {path => $path, name => $path, stem => $path};
    }
    my $header = {
        path => $path, name => $file->{name}, word => $file->{stem},
        title => '', story => [], file => $file, items => [],
    };
    my ($first) = @{$file->{comments}};
    if ($first && strip_stars($first->[2])
        =~ /\A\s*\Q$file->{name}\E - (.*)([\s\S]*)/) {
        $header->{title} = $1;
        $header->{story} = comment_blocks($2);
    } else {
        problem($path, 1, 'no story: name.h - what it is for');
    }
    $header->{items} = [grep { $_ } map { item($header, $_) }
        @{$file->{comments}}];
    check_documented($header);
    return $header;
}

sub strip_stars {
    my ($comment) = @_;
    $comment =~ s{\A/\*+[ ]?|\s*\*/\z}{}g;
    $comment =~ s{^\s*\*(?: |$)}{}mg;
    return $comment;
}

# A comment behind a line of code speaks of that line.
sub is_behind {
    my ($file, $comment) = @_;
    return $file->{lines}[$comment->[0] - 1] !~ m{^\s*/\*};
}

# A constant with a comment behind it, and those below it that have none; unless
# it is of a row with a comment above it.
sub commented_constant {
    my ($file, $comment) = @_;
    my $line = $comment->[0];
    my $above = $line;
    $above-- while ($file->{lines}[$above - 1] // '') =~ /^#\s*define\s/;
    my $shared = $file->{comment_ends}{$above};
    return if $above == $line || $shared && !is_behind($file, $shared);
    my $item = macro($file, $line, 1);
    $item->{code} =~ s{\s*/\*.*}{};
    return $item->{kind} eq 'constant' ? ($item, $line) : ();
}

# What a comment stands behind or directly above, and its line.
sub commented {
    my ($file, $comment) = @_;
    return commented_constant($file, $comment) if is_behind($file, $comment);
    my $line = $comment->[1] + 1;
    my $first = $file->{lines}[$line - 1] // '';
    my $item = $first =~ /^#\s*define\s/ ? macro($file, $line)
        : $first =~ /^(?:typedef\b|enum \w+ \{)/ ? type($file, $line)
        : function($file, $line);
    return ($item, $line);
}

# What has a comment, if it is public.
sub item {
    my ($header, $comment) = @_;
    my $file = $header->{file};
    my ($item, $line) = commented($file, $comment);

    return if !$item || $item->{name} =~ /__/;
    $item->{line} = $line;
    $item->{header} = $header;
    $item->{text} = comment_blocks(strip_stars($comment->[2]));
    own_signature($item) if $item->{kind} eq 'macro';
    ($item->{colour}) = $item->{code} =~ /\b(FM_SUSPENDS|FM_SETTLES)\b/;
    $item->{code} =~ s/\bFM_(?:SUSPENDS|SETTLES|MUST_USE)\s+//g;
    $item->{code} =~ s/\s+FM__FORMAT\([^)]*\)//;
    $item->{summary} = summary($item);
    return $item;
}

sub function {
    my ($file, $line) = @_;
    my ($found) = grep { $_->{line} == $line } @{$file->{prototypes}};
    return if !$found || !$found->{api};
    my $code = join ' ', lines_until($file, $line, qr/;/);
    $code =~ s/\bFM_API\s+//;
    $code =~ s/\s+/ /g;
    return {kind => 'function', name => $found->{name}, code => $code};
}

sub lines_until {
    my ($file, $line, $last) = @_;
    my @lines;
    for my $i ($line - 1 .. $#{$file->{lines}}) {
        push @lines, $file->{lines}[$i];
        last if $file->{code}[$i] =~ $last;
    }
    return @lines;
}

# Constants that follow each other line by line share the comment above them, or
# one behind the first until there is another.
sub macro {
    my ($file, $line, $behind) = @_;
    my $pattern = qr/^#\s*define\s+(\w+)(\([^)]*\))?\s*(.*)$/;
    my ($name, $arguments, $value) = $file->{lines}[$line - 1] =~ $pattern;
    return {kind => 'macro', name => $name, code => "$name$arguments"}
        if $arguments;
    my @names = $name;
    my $code = $file->{lines}[$line - 1];
    while (($file->{lines}[$line++] // '') =~ $pattern && !$2) {
        last if $behind && $file->{comment_ends}{$line};
        push @names, $1;
        $code .= "\n" . $file->{lines}[$line - 1];
    }
    $code =~ s/\s*\\$//mg;
    return {kind => 'constant', name => $name, names => \@names,
        code => $code} if $value =~ /^[\w"(-]+/ && $value !~ /^FM__/;
    return {kind => 'macro', name => $name, code => $name};
}

sub type {
    my ($file, $line) = @_;
    my @lines = lines_until($file, $line, qr/^(?:\}|typedef\b).*;\s*$/);
    my $code = join "\n", @lines;
    my ($name) = $lines[0] =~ /^enum (\w+)/ ? $1
        : $lines[-1] =~ /\(\*(\w+)\)/ ? $1
        : $lines[-1] =~ /(\w+)(?:\[\w*\])?;/;
    $code = "typedef struct $name $name;"
        if $code =~ /\{\s*\w+ reserved(?:\[\d+\])?;\s*\}/;
    my @names = ($name, $code =~ /^\s+(FM_[A-Z0-9_]+)\b/mg);
    return {kind => 'type', name => $name, names => \@names, code => $code};
}

# A macro's list is often just dots; then its comment shows a better one.
sub own_signature {
    my ($item) = @_;
    my ($first) = @{$item->{text}} or return;
    if ($first->[0] eq 'code') {
        $item->{code} = join ' ', split ' ', $first->[1];
        shift @{$item->{text}};
    } elsif ($first->[1] =~ /^(\Q$item->{name}\E\([^)]*\))/) {
        $item->{code} = $1;
    }
}

# The first sentence, or as much of it as stands on its own: a colon may come
# early, as after "A handle".
sub summary {
    my ($item) = @_;
    my ($first) = grep { $_->[0] eq 'text' } @{$item->{text}};
    return '' if !$first;
    my ($sentence) = $first->[1] =~ /^(.*?)(?:[.;](?:\s.*)?)?$/;
    $sentence =~ s/^(.{30}.*?):\s.*$/$1/;
    $sentence =~ s/^\Q$item->{name}\E(?:\([^)]*\))? (?=[a-z]+s\b)//;
    return $sentence =~ /^[a-z]+\b/ ? ucfirst $sentence : $sentence;
}

sub check_documented {
    my ($header) = @_;
    my %has_text = map { $_->{name} => 1 } grep { $_->{summary} ne '' }
        @{$header->{items}};
    for (grep { $_->{api} } @{$header->{file}{prototypes}}) {
        next if $_->{name} =~ /__/ || $has_text{$_->{name}};
        problem($header->{path}, $_->{line}, "$_->{name} is not documented");
    }
    for (@{$header->{file}{directives}}) {
        my ($line, $word, $rest) = @$_;
        next if $word ne 'define' || $rest !~ /^(\w+)\(/ || $1 =~ /__/;
        problem($header->{path}, $line, "$1 is not documented")
            if !$has_text{$1};
    }
}

# Text is at the left edge; code is indented by four; a term by two or three,
# and what it means goes on below, further right. Returns begins a paragraph.
sub comment_blocks {
    my ($comment) = @_;
    my (@blocks, $open);
    for (split /\n/, $comment) {
        if (/^\s*$/) {
            $_->[1] .= "\n" for grep { $_->[0] eq 'code' } $blocks[-1] // ();
            $open = $open && $open eq 'code' ? $open : '';
        } elsif (/^ {2,}(\S.*)$/ && ($open // '') eq 'terms'
            && !/^ {2,3}\S/) {
            $blocks[-1][-1][1] .= " $1";
        } elsif (/^ {2,3}(\S+)\s+(\S.*)$/) {
            push @blocks, ['terms'] if !@blocks || $blocks[-1][0] ne 'terms';
            push @{$blocks[-1]}, [$1, $2];
            $open = 'terms';
        } elsif (/^ {4}(.*)$/ && ($open // '') ne 'text') {
            push @blocks, ['code', ''] if ($open // '') ne 'code';
            $blocks[-1][1] .= "$1\n";
            $open = 'code';
        } else {
            s/^\s+//;
            push @blocks, ['text', ''] if ($open // '') ne 'text'
                || /^Returns\b/ && $blocks[-1][1] =~ /\.$/;
            $blocks[-1][1] .= $blocks[-1][1] eq '' ? $_ : " $_";
            $open = 'text';
        }
    }
    return [map { split_returns($_) } @blocks];
}

sub split_returns {
    my ($block) = @_;
    my ($kind, @rest) = @$block;
    if ($kind eq 'code') {
        return [$kind, $rest[0] =~ s/\n+\z/\n/r];
    }
    return $block if $kind ne 'text';
    return map { [$kind, $_] } split /(?<=\.) (?=Returns\b)/, $rest[0];
}

1;
